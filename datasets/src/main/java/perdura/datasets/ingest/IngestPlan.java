package perdura.datasets.ingest;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.datasets.split.totals.Counted;
import perdura.grids.spec.CanonicalJson;

/**
 * What an ingest has to do: the scan of the tables, and how its samples are shared out.
 *
 * @param labels names of the labels
 * @param imagesListed images that the tables list
 * @param samplesListed samples that the tables list
 * @param counted what else the tables come to, for the published totals
 * @param leftOut what the tables leave out
 * @param faultCount faults of the scan, which {@link FaultFile} has
 * @param parts in the order of their samples
 */
public record IngestPlan(
        int format,
        List<String> labels,
        long imagesListed,
        long samplesListed,
        Map<Counted, Long> counted,
        Map<Exclusion, Long> leftOut,
        long faultCount,
        List<Part> parts) {
    static final int FORMAT = 2;

    /** Parts of a large set: a hundred are enough for a bar that moves, and for many workers. */
    private static final int MOST_PARTS = 400;

    private static final int FEWEST_SAMPLES = 32;

    public IngestPlan {
        labels = List.copyOf(labels);
        counted = Collections.unmodifiableMap(new LinkedHashMap<>(counted));
        leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
        parts = List.copyOf(parts);
    }

    /**
     * Some samples in a row.
     *
     * @param name of its folder: the part's number and a digest of what is planned
     * @param samples how many
     * @param images how many
     */
    public record Part(String name, int samples, int images) {
        private static final Pattern NAME = Pattern.compile("[0-9]{5,10}-[0-9a-f]{12}");

        public Part {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("a part's name is its number and a digest, was " + name);
            }
        }
    }

    /**
     * The plan of a scan.
     *
     * @param faultCount faults of the scan
     */
    static IngestPlan of(SetScanner.Scan scan, long faultCount, List<Part> parts) {
        return new IngestPlan(
                FORMAT,
                scan.labels(),
                scan.imagesListed(),
                scan.samplesListed(),
                scan.counted(),
                scan.leftOut(),
                faultCount,
                parts);
    }

    /**
     * Shares the samples of a scan out to parts, and writes the plan, unless the very same one is there. For whoever has the lock.
     *
     * @param writing a folder with the faults of the scan, which becomes that of the plan
     */
    static IngestPlan write(IngestFolder folder, Path writing, SetScanner.Scan scan, long faultCount)
            throws IOException {
        int perPart = Math.max(FEWEST_SAMPLES, (scan.samples().size() + MOST_PARTS - 1) / MOST_PARTS);
        List<Part> parts = new ArrayList<>();
        for (int from = 0; from < scan.samples().size(); from += perPart) {
            List<Sample> own = scan.samples()
                    .subList(from, Math.min(from + perPart, scan.samples().size()));
            parts.add(writePart(writing.resolve(folder.planOf(parts.size()).getFileName()), parts.size(), own));
        }
        IngestPlan plan = of(scan, faultCount, parts);
        Files.write(writing.resolve("plan.json"), IngestJson.bytes(plan));
        Path planned = folder.plan();
        if (isSame(planned, writing, "plan.json") && isSame(planned, writing, FaultFile.NAME)) {
            folder.delete(writing);
            return plan;
        }
        folder.delete(planned);
        if (!folder.publish(writing, planned)) {
            throw new FileAlreadyExistsException(planned.toString());
        }
        return plan;
    }

    private static boolean isSame(Path there, Path written, String name) throws IOException {
        return Files.isRegularFile(there.resolve(name))
                && Files.mismatch(there.resolve(name), written.resolve(name)) < 0;
    }

    private static Part writePart(Path file, int number, List<Sample> samples) throws IOException {
        StringBuilder digests = new StringBuilder();
        try (OutputStream out = Files.newOutputStream(file)) {
            for (Sample sample : samples) {
                byte[] line = IngestJson.bytes(sample);
                IngestJson.writeLine(out, line);
                digests.append(new String(line, StandardCharsets.UTF_8));
            }
        }
        String name = String.format(
                Locale.ROOT,
                "%05d-%s",
                number,
                CanonicalJson.sha256(digests.toString()).substring(0, 12));
        int images = samples.stream().mapToInt(sample -> sample.images().size()).sum();
        return new Part(name, samples.size(), images);
    }

    /** All planned samples. */
    public long samples() {
        return parts.stream().mapToLong(Part::samples).sum();
    }

    /** All planned images. */
    public long images() {
        return parts.stream().mapToLong(Part::images).sum();
    }

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
    record Sample(
            String id,
            String patient,
            String split,
            List<Image> images,
            @Nullable String report,
            List<@Nullable Float> labels,
            List<Box> boxes,
            List<Runs> runs) {
        Sample {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(patient, "patient");
            Objects.requireNonNull(split, "split");
            Objects.requireNonNull(labels, "labels");
            images.forEach(image -> Objects.requireNonNull(image, "images"));
            boxes.forEach(box -> Objects.requireNonNull(box, "boxes"));
            runs.forEach(row -> Objects.requireNonNull(row, "runs"));
        }

        /** One image file. */
        record Image(String id, String path) {
            Image {
                Objects.requireNonNull(id, "id");
                Objects.requireNonNull(path, "path");
            }
        }

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
        record Runs(String text, String place) {
            Runs {
                Objects.requireNonNull(text, "text");
            }
        }

        /** An image of a patient of its own, of a set without splits, with one label. */
        static Sample image(String id, String path, boolean isPositive, List<Box> boxes, List<Runs> runs) {
            List<Image> images = List.of(new Image(id, path));
            return new Sample(id, id, "", images, null, List.of(isPositive ? 1f : 0f), boxes, runs);
        }

        /** A study with images, a report and no truths. */
        static Sample study(
                String id,
                String patient,
                String split,
                List<Image> images,
                @Nullable String report,
                List<@Nullable Float> labels) {
            return new Sample(id, patient, split, images, report, labels, List.of(), List.of());
        }
    }
}
