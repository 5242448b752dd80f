package perdura.datasets.synth;

import perdura.datasets.image.DicomWriter;
import perdura.datasets.image.DicomWriter.Encoding;
import perdura.datasets.image.DicomWriter.Photometric;
import perdura.datasets.seeds.RandomStream;

/**
 * How an image is kept as DICOM; a set has all kinds.
 *
 * @param bits 8, or more with a window
 */
record DicomStorage(Encoding encoding, Photometric photometric, int bits) {
    /** Kinds as RSNA's set could have them; the real one knows JPEG alone. */
    static DicomStorage drawAnyKind(RandomStream random) {
        double u = random.nextDouble();
        Photometric photometric = random.nextDouble() < 0.15 ? Photometric.MONOCHROME1 : Photometric.MONOCHROME2;
        if (u < 0.1) {
            return new DicomStorage(Encoding.EXPLICIT_LITTLE_ENDIAN, Photometric.MONOCHROME2, 12);
        }
        if (u < 0.15) {
            return new DicomStorage(Encoding.IMPLICIT_LITTLE_ENDIAN, Photometric.MONOCHROME2, 16);
        }
        if (u < 0.35) {
            return new DicomStorage(Encoding.EXPLICIT_LITTLE_ENDIAN, photometric, 8);
        }
        return new DicomStorage(u < 0.5 ? Encoding.IMPLICIT_LITTLE_ENDIAN : Encoding.JPEG_BASELINE, photometric, 8);
    }

    /** Mostly JPEG, as SIIM's set is. */
    static DicomStorage drawMostlyJpeg(RandomStream random) {
        Encoding encoding = random.nextDouble() < 0.8 ? Encoding.JPEG_BASELINE : Encoding.EXPLICIT_LITTLE_ENDIAN;
        return new DicomStorage(encoding, Photometric.MONOCHROME2, 8);
    }

    /** The bytes of a file. */
    byte[] encode(DrawnImage image, DicomNames names, Shot.View view) {
        DicomWriter.Tags tags = new DicomWriter.Tags(
                names.patientId(), names.image(), names.study(), names.series(), view.name(), photometric);
        return bits == 8
                ? DicomWriter.write(image.toGray(), tags, encoding)
                : DicomWriter.write(image.toDeep(bits), tags, encoding);
    }
}
