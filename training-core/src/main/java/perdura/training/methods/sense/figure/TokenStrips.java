package perdura.training.methods.sense.figure;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.SplitRows;
import perdura.datasets.data.StudyImages;
import perdura.datasets.data.StudyTexts;
import perdura.datasets.file.PageTemplate;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.PretrainSpec;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.figure.Picture;
import perdura.training.figure.WholeFile;
import perdura.training.method.Figure;
import perdura.training.methods.sense.model.Sense;
import perdura.training.methods.sense.model.SenseEncoder;
import perdura.training.methods.sense.spec.ModelSpec;
import perdura.training.methods.sense.spec.ModelSpec.Pooling;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/**
 * How much of a report's feature each of its words makes (sense.md 5, A4, Fig. S2): the share of dimensions whose maximum a word holds, the darker the
 * more. Each report is read twice by the same weights: as one text (Max) and sentence by sentence (Max-Max); and the dimensions are counted, or
 * weighed by how strongly each moves the cosine with the study's first image. Shown are the held-out reports with the
 * rarest sentences. The file has the text of reports.
 */
public final class TokenStrips implements Figure {
    private static final int REPORTS = 6;

    @Override
    public boolean canShow(PretrainSpec spec, int stage) {
        return true;
    }

    @Override
    public String need() {
        return "any checkpoint";
    }

    @Override
    public boolean showsReports() {
        return true;
    }

    /** @return {@code figure1-tokens.html} */
    @Override
    public List<Path> draw(Source source, Path folder) {
        ModelSpec model = SenseSpec.of(source.spec()).model();
        Vocabulary vocabulary = source.data().vocabulary();
        int hidden = model.text().bert().hidden();
        Sense sense = new Sense(model, vocabulary.size());
        StateDictLayout layout = sense.layout();
        StringBuilder body = new StringBuilder();
        try (Parameters parameters = layout.allocate(source.torch(), ElementType.F32)) {
            source.checkpoints().get(0).weights().copyInto(layout, parameters, "the model");
            try (SenseEncoder encoder = new SenseEncoder(source.torch(), parameters, sense)) {
                StudyImages images = new StudyImages(source.data());
                for (int row : rarest(source.data(), source.seed())) {
                    body.append("<h2>")
                            .append(PageTemplate.escape(source.data().sampleId(row)))
                            .append("</h2>\n");
                    List<int[]> sentences = source.data().sentences(row);
                    long first = source.data().firstImage(row);
                    for (Pooling pooling : Pooling.values()) {
                        List<int[]> texts =
                                reader(model.text(), pooling, vocabulary).texts(sentences);
                        try (StepScope scope = source.torch().newStep()) {
                            Tokens tokens = Tokens.of(scope, texts);
                            String name = name(pooling, model.text().pooling());
                            Tensor counted = scope.floats(ones(hidden), 1, hidden);
                            body.append(strip(name, words(vocabulary, texts, tokens.shares(scope, encoder, counted))));
                            Tensor weights = tokens.influence(scope, encoder, image(scope, encoder, images, first));
                            body.append(strip(
                                    name + ", weighed by the pull on the image",
                                    words(vocabulary, texts, tokens.shares(scope, encoder, weights))));
                        }
                    }
                }
            }
        }
        Path file = folder.resolve("figure1-tokens.html");
        byte[] page = page(body).getBytes(StandardCharsets.UTF_8);
        WholeFile.write(file, Picture.REMEDY, out -> out.write(page));
        return List.of(file);
    }

    /** Held-out rows, or all where there are none, with the sentence that the fewest reports have; of equal ones those that the seed draws. */
    static int[] rarest(DataSet data, long seed) {
        Map<Integer, Integer> reports = new HashMap<>();
        int all = Math.toIntExact(data.size());
        for (int row = 0; row < all; row++) {
            sentences(data, row).distinct().forEach(sentence -> reports.merge(sentence, 1, Integer::sum));
        }
        int[] heldOut = SplitRows.heldOut(data);
        int[] rows = heldOut.length == 0 ? IntStream.range(0, all).toArray() : heldOut;
        return IntStream.of(Seeds.stream(seed, "tokens").permutation(rows.length))
                .mapToObj(place -> rows[place])
                .filter(row -> data.sentenceCount(row) > 0)
                .sorted(Comparator.comparingInt(row -> sentences(data, row)
                        .map(sentence -> reports.getOrDefault(sentence, 0))
                        .min()
                        .orElseThrow())) // stable: equal ones stay in the seed's order
                .limit(REPORTS)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static IntStream sentences(DataSet data, int row) {
        return IntStream.range(0, data.sentenceCount(row)).map(index -> data.sentence(row, index));
    }

    private static StudyTexts.Reader reader(ModelSpec.Text text, Pooling pooling, Vocabulary vocabulary) {
        int positions = text.bert().positions();
        StudyTexts.Limits limits = new StudyTexts.Limits(
                Math.min(text.sentenceLength(), positions), text.sentences(), Math.min(text.reportLength(), positions));
        return pooling == Pooling.MAX
                ? StudyTexts.Reader.ofReports(limits, vocabulary)
                : StudyTexts.Reader.ofSentences(limits);
    }

    /**
     * The tokens of a report's texts as the encoder takes them, each text with its two special ones.
     *
     * @param length of the longest text
     * @param ids int64 [texts, length]
     * @param mask int64 [texts, length]
     * @param places int64 [1, texts]: all texts are of one report
     */
    private record Tokens(List<int[]> texts, int length, Tensor ids, Tensor mask, Tensor places) {
        static Tokens of(StepScope scope, List<int[]> texts) {
            int length = texts.stream().mapToInt(text -> text.length + 2).max().orElseThrow();
            LongBuffer ids = LongBuffer.allocate(texts.size() * length);
            LongBuffer mask = LongBuffer.allocate(texts.size() * length);
            LongBuffer places = LongBuffer.allocate(texts.size());
            for (int text = 0; text < texts.size(); text++) {
                int[] tokens = withSpecials(texts.get(text));
                for (int i = 0; i < tokens.length; i++) {
                    ids.put(text * length + i, tokens[i]);
                    mask.put(text * length + i, 1);
                }
                places.put(text, text);
            }
            return new Tokens(
                    texts,
                    length,
                    scope.longs(ids, texts.size(), length),
                    scope.longs(mask, texts.size(), length),
                    scope.longs(places, 1, texts.size()));
        }

        /** How strongly each dimension moves the cosine with an image z^v [1, D]: [1, dt]. */
        Tensor influence(StepScope scope, SenseEncoder encoder, Tensor image) {
            Tensor report = encoder.reports(scope, encoder.sentences(scope, ids, mask), places);
            return encoder.influence(scope, report, image);
        }

        /**
         * Of the tokens of all texts, one text after the other.
         *
         * @param weights of the dimensions [1, dt]
         */
        double[] shares(StepScope scope, SenseEncoder encoder, Tensor weights) {
            double[] padded =
                    encoder.activations(scope, ids, mask, places, weights).toDoubles(); // [1, texts, length]
            double[] shares =
                    new double[texts.stream().mapToInt(text -> text.length + 2).sum()];
            int at = 0;
            for (int text = 0; text < texts.size(); text++) {
                int own = texts.get(text).length + 2;
                System.arraycopy(padded, text * length, shares, at, own);
                at += own;
            }
            return shares;
        }
    }

    /** z^v [1, D] of an image's deterministic view. */
    private static Tensor image(StepScope scope, SenseEncoder encoder, StudyImages images, long row) {
        int side = images.side();
        Tensor view = scope.floats(images.plain(new long[] {row}), 1, Sense.PLANES, side, side);
        return encoder.crossImages(scope, encoder.images(scope, view));
    }

    private static FloatBuffer ones(int count) {
        FloatBuffer ones = FloatBuffer.allocate(count);
        for (int i = 0; i < count; i++) {
            ones.put(i, 1);
        }
        return ones;
    }

    private static int[] withSpecials(int[] text) {
        return IntStream.concat(
                        IntStream.concat(IntStream.of(Vocabulary.BEGIN), IntStream.of(text)),
                        IntStream.of(Vocabulary.END))
                .toArray();
    }

    /**
     * A word, or a special token.
     *
     * @param share of the dimensions, in [0, 1]
     */
    record Word(String text, double share) {}

    /** Adds word pieces up to words. */
    static List<Word> words(Vocabulary vocabulary, List<int[]> texts, double[] shares) {
        List<Word> words = new ArrayList<>();
        int at = 0;
        for (int[] text : texts) {
            for (int id : withSpecials(text)) {
                double share = shares[at++];
                String piece = vocabulary.piece(id);
                if (piece.startsWith("##") && !words.isEmpty()) {
                    Word begun = words.remove(words.size() - 1);
                    words.add(new Word(begun.text + piece.substring(2), begun.share + share));
                } else if (id == Vocabulary.BEGIN || id == Vocabulary.END) {
                    words.add(new Word(id == Vocabulary.BEGIN ? "<cls>" : "<sep>", share));
                } else {
                    words.add(new Word(piece, share));
                }
            }
        }
        return words;
    }

    private static String name(Pooling pooling, Pooling trained) {
        return (pooling == Pooling.MAX ? "Max" : "Max-Max")
                + (pooling == trained ? ", as it was trained" : ", the same weights");
    }

    private static String strip(String name, List<Word> words) {
        double most = words.stream().mapToDouble(Word::share).max().orElseThrow();
        String spans = words.stream()
                .map(word -> String.format(
                        Locale.ROOT,
                        "<span style=\"background:rgba(213,94,0,%.3f)\" title=\"%.1f %%\">%s</span>",
                        word.share / most,
                        100 * word.share,
                        PageTemplate.escape(word.text)))
                .collect(Collectors.joining(" "));
        return "<h3>" + name + "</h3>\n<p>" + spans + "</p>\n";
    }

    private static String page(StringBuilder body) {
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>Tokens that make a report's feature</title>
            <style>
            body { font: 18px/1.9 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #202020; background: #fff }
            h2 { font-size: 20px; margin-top: 2.5rem } h3 { font-size: 16px; margin: 0.5rem 0 0 } p { margin: 0 }
            span { padding: 0.15em 0.2em; border-radius: 0.2em }
            </style>
            </head>
            <body>
            <h1>Tokens that make a report's feature</h1>
            <p>The share of the feature's dimensions whose maximum a word holds; the darkest has the most of its strip.
            Where it is weighed, a dimension counts by how strongly it moves the cosine with the study's first image.
            This page shows text of reports.</p>
            """ + body + "</body>\n</html>\n";
    }
}
