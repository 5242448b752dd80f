package perdura.training.image;

import java.io.IOException;

final class DicomFile {
    private DicomFile() {}

    static GrayImage decode(byte[] bytes) throws IOException {
        if (bytes.length > 0) {
            throw new IOException("DICOM comes with the branch images");
        }
        return new GrayImage(1, 1, new byte[1]);
    }
}
