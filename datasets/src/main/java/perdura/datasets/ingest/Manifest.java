package perdura.datasets.ingest;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.Sha256;

/** The manifest of a data set: a header that says how it was made, a line for each sample, and the digest of both. */
final class Manifest {
    private static final String FORMAT = "perdura.manifest/1";

    private Manifest() {}

    /** The first line of a manifest, without its end: the settings that decide what its other lines are. */
    static String header(IngestSpec spec, List<String> labels, @Nullable Vocabulary vocabulary) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("format", FORMAT);
        line.put("set", spec.set().word());
        line.put("profile", spec.profile().name());
        line.put("imageSize", spec.imageSize());
        line.put("views", ImageView.of(spec).stream().map(IngestJson::map).toList());
        line.put("labels", labels);
        if (vocabulary != null) {
            line.put("vocabulary", vocabulary.digest());
            line.put("sections", spec.sections().name());
            line.put("minSentences", spec.minSentences());
        }
        return CanonicalJson.write(line);
    }

    /**
     * A sample as the manifest has it: everything that a training can see of it, pixels by their digest.
     *
     * @param labels one value for each label of the set; null where the owner's table has none
     * @param boxes x0, y0, x1, y1 in pixels of the first view; null for sets without
     * @param mask SHA-256 of the mask's bytes; null for sets without
     * @param sentences piece ids of each sentence; null for sets without reports
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Line(
            String id,
            String patient,
            String split,
            List<Image> images,
            List<@Nullable Float> labels,
            @Nullable List<float[]> boxes,
            @Nullable String mask,
            @Nullable List<int[]> sentences) {
        Line {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(patient, "patient");
            Objects.requireNonNull(split, "split");
            Objects.requireNonNull(labels, "labels");
            images.forEach(image -> Objects.requireNonNull(image, "images"));
            if (boxes != null && boxes.stream().anyMatch(box -> box.length != 4)) {
                throw new IllegalArgumentException("boxes need 4 numbers each");
            }
            if (sentences != null) {
                sentences.forEach(sentence -> Objects.requireNonNull(sentence, "sentences"));
            }
        }

        /**
         * One image.
         *
         * @param sha256 of the file
         * @param pixels SHA-256 of the decoded pixels before any resizing
         * @param width of the file's image
         * @param height of the file's image
         */
        record Image(String id, String sha256, String pixels, int width, int height) {
            private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

            Image {
                Objects.requireNonNull(id, "id");
                if (!DIGEST.matcher(sha256).matches() || !DIGEST.matcher(pixels).matches()) {
                    throw new IllegalArgumentException("an image needs two digests of 64 hexadecimal digits");
                }
            }
        }

        /** The line, without its end. */
        String write() {
            return CanonicalJson.write(IngestJson.map(this));
        }
    }

    /** The digest of a manifest while its lines come: the identity of its data set. */
    static final class Digest {
        private final MessageDigest digest;

        Digest(String header) {
            digest = Sha256.start();
            add(header);
        }

        /** @param line without its end */
        void add(String line) {
            digest.update((line + "\n").getBytes(StandardCharsets.UTF_8));
        }

        /** 64 hexadecimal digits; to be called once. */
        String finish() {
            return HexFormat.of().formatHex(digest.digest());
        }
    }
}
