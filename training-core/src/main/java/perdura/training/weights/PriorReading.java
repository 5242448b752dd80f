package perdura.training.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import perdura.training.weights.file.FileTensor;

/**
 * Finds PRIOR's model in a file, under the names of its released checkpoint or under ours: both encoders, and the pools and
 * projections that mean the same there and here. The released file's local parts were trained on maps that were
 * reinterpreted without transposing (prior.md 8, B1), so they stay out.
 */
record PriorReading(List<FileTensor> all, String prefix, Naming naming, ImportIssues findings) {
    private static final String SCRAMBLED =
            "trained on image maps reinterpreted as patches without transposing (B1): not" + " interchangeable";

    /** What the names of parts begin with, by our own names. */
    private static final Map<String, String> RELEASED_NAMES = Map.of(
            "image.attention_pool.", "image_encoder.atten_pool.",
            "text.token_pool.", "item_gather.attention_pool.",
            "text.sentence_pool.", "global_text_attention.",
            "projection.image_global.", "global_image_projection.",
            "projection.text_local.", "local_text_projection.",
            "global_log_scale", "logit_scale",
            "spb.prototypes", "sentence_bank.embed.weight");

    /** Whose names a file has. */
    enum Naming {
        /** github.com/QtacierP/PRIOR. */
        RELEASED("image_encoder.encoder.", "text_encoder.encoder."),
        OURS("image.backbone.", "text.bert.");

        private final String image;
        private final String text;

        Naming(String image, String text) {
            this.image = image;
            this.text = text;
        }

        /** What the names of the image backbone begin with. */
        String image() {
            return image;
        }

        /** What the names of the text encoder begin with. */
        String text() {
            return text;
        }
    }

    /** The sizes of both encoders. */
    record Sizes(ResnetSizes image, BertSizes text) {}

    /** @param prefix what stands before the names, {@code module.} or {@code state_dict.} for instance; may be empty */
    static Sizes read(List<FileTensor> all, String prefix, Naming naming, ImportIssues findings) {
        return new PriorReading(all, prefix, naming, findings).read();
    }

    private Sizes read() {
        ResnetSizes image = ResnetReading.read(all, prefix + naming.image, Naming.OURS.image, findings);
        BertSizes text = BertReading.read(all, prefix + naming.text, Naming.OURS.text, findings);
        readHeads(image, text);
        if (naming == Naming.RELEASED) {
            skipLocal();
        }
        return new Sizes(image, text);
    }

    private void readHeads(ResnetSizes image, BertSizes text) {
        int channels = 32 * image.width();
        int dim = dim("projection.image_global.", channels);
        attentionPool("image.attention_pool.", channels, true);
        tokenPool("text.token_pool.", dim);
        attentionPool("text.sentence_pool.", dim, false);
        linear("projection.image_global.", channels, dim);
        linear("projection.text_local.", text.hidden(), dim);
        take(part("global_log_scale"), Map.of("", List.of()));
        prototypes("spb.prototypes", dim);
    }

    private void skipLocal() {
        for (String local : List.of(
                "local_image_projection.",
                "local_cross_attention.",
                "predictor.",
                "local_logit_scale",
                "sentence_decoder.",
                "prototype_queries",
                "image_decoder.")) {
            skip(local, SCRAMBLED);
        }
        skip("global_text_projection.", "built but never used by the released code");
    }

    /** The joint width; 1 if there is no projection, which is found when the rest is looked for. */
    private int dim(String projection, int in) {
        Part part = part(projection);
        return part.has("weight") ? part.size("weight", 2, 0) : in;
    }

    private void attentionPool(String name, int width, boolean positions) {
        Part part = part(name, each -> each.replace("c_proj.", "out_proj."));
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        if (positions) {
            long rows = part.has("positional_embedding") ? part.size("positional_embedding", 2, 0) : 1;
            shapes.put("positional_embedding", List.of(rows, (long) width));
        }
        for (String linear : List.of("q_proj", "k_proj", "v_proj", "out_proj")) {
            shapes.put(linear + ".weight", List.of((long) width, (long) width));
            shapes.put(linear + ".bias", List.of((long) width));
        }
        take(part, shapes);
    }

    private void tokenPool(String name, int dim) {
        Part part = part(name, each -> each.replace("query.", "q_proj.").replace("key.", "k_proj."));
        long inner = part.has("q_proj.weight") ? part.size("q_proj.weight", 2, 0) : 1;
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (String linear : List.of("q_proj", "k_proj")) {
            shapes.put(linear + ".weight", List.of(inner, (long) dim));
            shapes.put(linear + ".bias", List.of(inner));
        }
        take(part, shapes);
    }

    private void linear(String name, int in, int out) {
        take(part(name), Map.of("weight", List.of((long) out, (long) in), "bias", List.of((long) out)));
    }

    private void prototypes(String name, int dim) {
        Part part = part(name);
        long rows = part.has("") ? part.size("", 2, 0) : 1;
        take(part, Map.of("", List.of(rows, (long) dim)));
    }

    private Part part(String name) {
        return part(name, UnaryOperator.identity());
    }

    /** @param name what our names of the part begin with */
    private Part part(String name, UnaryOperator<String> rename) {
        String from = naming == Naming.OURS ? name : Objects.requireNonNull(RELEASED_NAMES.get(name), name);
        return new Part(all, prefix + from, name, rename, findings);
    }

    /** A part that is not there at all was switched off when the file was trained. */
    private void take(Part part, Map<String, List<Long>> shapes) {
        boolean absent = part.isEmpty();
        part.takeAll(shapes, name -> absent ? "the file has no such part" : null);
        part.othersThan(shapes)
                .forEach(other -> findings.skip(part.fileName(other), "no tensor of ours has this name"));
    }

    private void skip(String begin, String reason) {
        all.stream()
                .map(FileTensor::name)
                .filter(name -> name.startsWith(prefix + begin))
                .forEach(name -> findings.skip(name, reason));
    }
}
