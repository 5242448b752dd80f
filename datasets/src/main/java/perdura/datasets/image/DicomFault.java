package perdura.datasets.image;

import java.io.IOException;

/** Why a DICOM file can't be read: what, at which byte, the value, and what helps. */
public final class DicomFault extends IOException {
    private static final long serialVersionUID = 1L;

    private DicomFault(String message) {
        super(message);
    }

    /** The file breaks its own rules. */
    static DicomFault damaged(String what) {
        return new DicomFault("damaged DICOM file (" + what + "); restore it from its source or leave it out");
    }

    /** The file may be in order, but is of a kind that isn't read. */
    static DicomFault unsupported(String what, String remedy) {
        return new DicomFault("unsupported DICOM file (" + what + "); " + remedy);
    }
}
