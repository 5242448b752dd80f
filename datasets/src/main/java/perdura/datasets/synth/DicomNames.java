package perdura.datasets.synth;

import java.math.BigInteger;
import java.util.Locale;
import perdura.datasets.seeds.RandomStream;

/**
 * What a DICOM file calls itself.
 *
 * @param patientId a UUID
 * @param study a UID made of a UUID, as the two below (PS3.5 B.2)
 */
record DicomNames(String patientId, String study, String series, String image) {
    static DicomNames draw(RandomStream random) {
        return new DicomNames(uuid(random), uid(random), uid(random), uid(random));
    }

    private static String uuid(RandomStream random) {
        long high = (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000;
        long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return String.format(
                Locale.ROOT,
                "%08x-%04x-%04x-%04x-%012x",
                high >>> 32,
                high >>> 16 & 0xFFFF,
                high & 0xFFFF,
                low >>> 48,
                low & 0xFFFF_FFFF_FFFFL);
    }

    private static String uid(RandomStream random) {
        String hex = uuid(random).replace("-", "");
        return "2.25." + new BigInteger(hex, 16);
    }
}
