package perdura.datasets.ingest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sample as the tables list it, before its files are opened. The lists of an image set belong to its one image.
 *
 * @param id unique in the set
 * @param patient the owner's name of the patient
 * @param split {@code train}, {@code validate}, {@code test}, or empty where the owner has none
 * @param images sorted by id, not empty
 * @param report path of its report, or null
 * @param labels one value for each label of the set; null where the table has none
 * @param boxes in pixels of the image
 * @param runs rows of run lengths that make the mask
 */
record PlannedSample(
        String id,
        String patient,
        String split,
        List<Image> images,
        @Nullable String report,
        List<@Nullable Float> labels,
        List<Box> boxes,
        List<Runs> runs) {
    /** One image file. */
    record Image(String id, String path) {}

    /**
     * A box of a table.
     *
     * @param x left edge
     * @param y top edge
     * @param place the row, for people
     */
    record Box(double x, double y, double width, double height, String place) {}

    /**
     * A row of run lengths.
     *
     * @param text relative offsets and lengths, or -1
     * @param place the row, for people
     */
    record Runs(String text, String place) {}

    /** A study with images, a report and no truths. */
    static PlannedSample study(
            String id,
            String patient,
            String split,
            List<Image> images,
            @Nullable String report,
            List<@Nullable Float> labels) {
        return new PlannedSample(id, patient, split, images, report, labels, List.of(), List.of());
    }
}
