package perdura.datasets.synth;

import java.io.IOException;
import java.math.BigInteger;
import java.util.UUID;
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
    byte[] encode(DrawnImage image, Names names, Shot.View view) throws IOException {
        DicomWriter.Tags tags = new DicomWriter.Tags(
                names.patientId(), names.image(), names.study(), names.series(), view.name(), photometric);
        return bits == 8 ? DicomWriter.write(image.toGray(), tags, encoding) : image.toDicom(bits, tags, encoding);
    }

    /**
     * What a DICOM file calls itself.
     *
     * @param patientId a UUID
     * @param study a UID made of a UUID, as the two below (PS3.5 B.2)
     */
    record Names(String patientId, String study, String series, String image) {
        static Names draw(RandomStream random) {
            return new Names(uuid(random), uid(random), uid(random), uid(random));
        }

        private static String uuid(RandomStream random) {
            long high = (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000;
            long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
            return new UUID(high, low).toString();
        }

        private static String uid(RandomStream random) {
            String hex = uuid(random).replace("-", "");
            return "2.25." + new BigInteger(hex, 16);
        }
    }
}
