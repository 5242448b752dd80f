package perdura.training.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        if (naming == Naming.RELEASED) {
            readReleased(image, text);
        } else {
            readOurs(image, text);
        }
        return new Sizes(image, text);
    }

    private void readReleased(ResnetSizes image, BertSizes text) {
        int channels = 32 * image.width();
        int dim = dim("global_image_projection.", channels);
        attentionPool("image_encoder.atten_pool.", "image.attention_pool.", channels, true);
        tokenPool("item_gather.attention_pool.", dim);
        attentionPool("global_text_attention.", "text.sentence_pool.", dim, false);
        linear("global_image_projection.", "projection.image_global.", channels, dim);
        linear("local_text_projection.", "projection.text_local.", text.hidden(), dim);
        single("logit_scale", "global_log_scale", List.of());
        prototypes("sentence_bank.embed.weight", dim);
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

    private void readOurs(ResnetSizes image, BertSizes text) {
        int channels = 32 * image.width();
        int dim = dim("projection.image_global.", channels);
        attentionPool("image.attention_pool.", "image.attention_pool.", channels, true);
        tokenPool("text.token_pool.", dim);
        attentionPool("text.sentence_pool.", "text.sentence_pool.", dim, false);
        linear("projection.image_global.", "projection.image_global.", channels, dim);
        linear("projection.text_local.", "projection.text_local.", text.hidden(), dim);
        single("global_log_scale", "global_log_scale", List.of());
        prototypes("spb.prototypes", dim);
    }

    /** The joint width; 1 if there is no projection, which is found when the rest is looked for. */
    private int dim(String projection, int in) {
        Part part = part(projection, "", UnaryOperator.identity());
        return part.has("weight") ? part.size("weight", 2, 0) : in;
    }

    private void attentionPool(String from, String to, int width, boolean positions) {
        Part part = part(from, to, name -> name.replace("c_proj.", "out_proj."));
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

    private void tokenPool(String from, int dim) {
        Part part = part(
                from,
                "text.token_pool.",
                name -> name.replace("query.", "q_proj.").replace("key.", "k_proj."));
        long inner = part.has("q_proj.weight") ? part.size("q_proj.weight", 2, 0) : 1;
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (String linear : List.of("q_proj", "k_proj")) {
            shapes.put(linear + ".weight", List.of(inner, (long) dim));
            shapes.put(linear + ".bias", List.of(inner));
        }
        take(part, shapes);
    }

    private void linear(String from, String to, int in, int out) {
        take(
                part(from, to, UnaryOperator.identity()),
                Map.of("weight", List.of((long) out, (long) in), "bias", List.of((long) out)));
    }

    private void prototypes(String from, int dim) {
        Part part = part(from, "spb.prototypes", UnaryOperator.identity());
        long rows = part.has("") ? part.size("", 2, 0) : 1;
        single(from, "spb.prototypes", List.of(rows, (long) dim));
    }

    private void single(String from, String to, List<Long> shape) {
        take(part(from, to, UnaryOperator.identity()), Map.of("", shape));
    }

    private Part part(String from, String to, UnaryOperator<String> rename) {
        return new Part(all, prefix + from, to, rename, findings);
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
