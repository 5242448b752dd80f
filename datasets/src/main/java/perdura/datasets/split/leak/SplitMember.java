package perdura.datasets.split.leak;

import org.jspecify.annotations.Nullable;

/**
 * One image of a part of a split.
 *
 * @param sampleId names the image to a person, unique in its data set; a study with several images has an id for each
 * @param patientId comparable within the patient domain of its data set
 * @param imageSha256 of the image file, 64 hexadecimal digits
 * @param pixelSha256 of the decoded pixels before any resizing, 64 hexadecimal digits; null if it was not taken
 */
public record SplitMember(
        String sampleId,
        String patientId,
        String imageSha256,
        @Nullable String pixelSha256) {
    private static final int DIGITS = 64;

    public SplitMember {
        if (imageSha256.length() != DIGITS || (pixelSha256 != null && pixelSha256.length() != DIGITS)) {
            throw new IllegalArgumentException(
                    "the digests of '" + sampleId + "' must have " + DIGITS + " hexadecimal digits");
        }
    }
}
