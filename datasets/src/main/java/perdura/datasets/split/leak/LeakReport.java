package perdura.datasets.split.leak;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pre-training part and a downstream part share.
 *
 * @param trained data set and part that was pre-trained on
 * @param tested data set and part that is validated or tested on
 * @param patients shared patients by id; none if the sets' patient domains differ
 * @param images downstream images that the pre-training has seen, as {@code id (= id of the pre-training)}; the same file, or
 *     another file with the same pixels
 * @param allowance what allows it in writing, if something does
 */
public record LeakReport(
        String trained,
        String tested,
        Overlap patients,
        Overlap images,
        @Nullable Allowance allowance) {
    /** True if something is shared. */
    public boolean leaks() {
        return patients.count() > 0 || images.count() > 0;
    }

    /** True if something is shared and nothing allows it: the launch must be refused with {@link #message}. */
    public boolean isRefused() {
        return leaks() && allowance == null;
    }

    /** What is shared, by name, and what to do; one line for each kind. */
    public String message() {
        if (!leaks()) {
            return tested + " shares no patient and no image with " + trained;
        }
        StringBuilder text = new StringBuilder(tested + " is not unseen: the pre-training on " + trained + " has");
        append(text, patients, "patients");
        append(text, images, "images");
        text.append('\n')
                .append(
                        allowance == null
                                ? "pre-train on a split without them, evaluate on another one, or allow this pair of data"
                                        + " sets in the spec, with a reason"
                                : "allowed: " + allowance.reason());
        return text.toString();
    }

    private static void append(StringBuilder text, Overlap overlap, String what) {
        if (overlap.count() > 0) {
            text.append("\n  ")
                    .append(overlap.count())
                    .append(" of its ")
                    .append(what)
                    .append(": ")
                    .append(overlap.names());
        }
    }

    /**
     * What two parts share.
     *
     * @param count all of it
     * @param first the first {@value LeakCheck#SHOWN} by name, in the order of the downstream part
     */
    public record Overlap(int count, List<String> first) {
        public Overlap {
            first = List.copyOf(first);
        }

        /** "name, name and 3 more". */
        String names() {
            return String.join(", ", first) + (count > first.size() ? " and " + (count - first.size()) + " more" : "");
        }
    }

    /**
     * The written word that a pre-training on one data set may have seen what is tested on another.
     *
     * @param pretrained name of the data set that was pre-trained on
     * @param downstream name of the data set that is validated or tested on
     * @param reason why that is right here, for people; not blank
     */
    public record Allowance(String pretrained, String downstream, String reason) {
        public Allowance {
            if (reason.isBlank()) {
                throw new IllegalArgumentException(
                        "an allowance for " + pretrained + " and " + downstream + " must give its reason");
            }
        }

        boolean covers(SplitMembers trained, SplitMembers tested) {
            return pretrained.equals(trained.dataSet()) && downstream.equals(tested.dataSet());
        }
    }
}
