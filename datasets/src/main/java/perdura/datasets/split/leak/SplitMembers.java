package perdura.datasets.split.leak;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The images of one part of a split of an ingested data set, as a stream that can be read again.
 *
 * @param dataSet name of the data set, as it stands in allowances
 * @param part the split and its part, for people: for instance {@code official/train}
 * @param patientDomain where patient ids are given out: patients of two sets are compared only if their domains are equal
 * @param source gives all members, each time the same ones in the same order
 */
public record SplitMembers(String dataSet, String part, String patientDomain, Consumer<Consumer<Member>> source) {
    void forEach(Consumer<Member> members) {
        source.accept(members);
    }

    /**
     * One image of a part of a split.
     *
     * @param sampleId names the image to a person, unique in its data set; a study with several images has an id for each
     * @param patientId comparable within the patient domain of its data set
     * @param imageSha256 of the image file, 64 hexadecimal digits
     * @param pixelSha256 of the decoded pixels before any resizing, 64 hexadecimal digits; null if it was not taken
     */
    public record Member(
            String sampleId,
            String patientId,
            String imageSha256,
            @Nullable String pixelSha256) {
        private static final int DIGITS = 64;

        public Member {
            if (imageSha256.length() != DIGITS || (pixelSha256 != null && pixelSha256.length() != DIGITS)) {
                throw new IllegalArgumentException(
                        "the digests of '" + sampleId + "' must have " + DIGITS + " hexadecimal digits");
            }
        }
    }
}
