package perdura.training.methods.sense;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatch;
import perdura.datasets.data.StudyTexts;
import perdura.datasets.text.StudySentences;
import perdura.datasets.text.Vocabulary;
import perdura.datasets.text.WordPieceTokenizer;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.method.PairModel;
import perdura.training.method.PairModels;
import perdura.training.methods.sense.model.Sense;
import perdura.training.methods.sense.model.SenseEncoder;
import perdura.training.methods.sense.spec.ModelSpec;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

/** Scores images with texts by the cosine of z^v and z^t of the normal networks (sense.md 4.1, 4.3). There is no local score. */
final class SensePairModels implements PairModels {
    /** Of a sentence, or of a whole text where those are read at once. */
    @Override
    public int textLength(PretrainSpec spec) {
        return textLength(SenseSpec.of(spec).model().text());
    }

    private static int textLength(ModelSpec.Text text) {
        return text.pooling() == ModelSpec.Pooling.MAX ? text.reportLength() : text.sentenceLength();
    }

    @Override
    public void checkPrompts(PretrainSpec spec, Vocabulary vocabulary, List<List<String>> texts) {
        cut(SenseSpec.of(spec).model().text(), vocabulary, texts);
    }

    /** The pieces of each text's sentences, cleaned as reports are; a text may be one of several sentences. */
    private static List<List<int[]>> cut(ModelSpec.Text limits, Vocabulary vocabulary, List<List<String>> texts) {
        WordPieceTokenizer tokenizer = new WordPieceTokenizer(vocabulary);
        List<List<int[]>> pieces = new ArrayList<>();
        for (List<String> text : texts) {
            List<int[]> own = text.stream()
                    .flatMap(sentence -> StudySentences.of(sentence).stream())
                    .map(sentence -> pieces(tokenizer, sentence))
                    .toList();
            requireReadable(limits, text, own);
            pieces.add(own);
        }
        return pieces;
    }

    private static int[] pieces(WordPieceTokenizer tokenizer, String sentence) {
        int[] pieces = tokenizer.tokenize(sentence);
        if (IntStream.of(pieces).anyMatch(piece -> piece == Vocabulary.UNKNOWN)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "the prompt '" + sentence
                            + "' has a word that the vocabulary does not have: it would be [UNK]; take other"
                            + " words, or data that was ingested with the whole vocabulary");
        }
        return pieces;
    }

    /** What is cut off would not be seen. */
    private static void requireReadable(ModelSpec.Text limits, List<String> text, List<int[]> sentences) {
        boolean isJoined = limits.pooling() == ModelSpec.Pooling.MAX;
        int longest = isJoined
                ? sentences.stream().mapToInt(sentence -> sentence.length + 1).sum() + 1
                : sentences.stream()
                        .mapToInt(sentence -> sentence.length + 2)
                        .max()
                        .orElse(0);
        if (sentences.isEmpty() || sentences.size() > limits.sentences() || longest > textLength(limits)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "the prompt '" + String.join(" ", text) + "' must have 1 to " + limits.sentences()
                            + " sentences, " + (isJoined ? "together" : "each") + " of at most "
                            + textLength(limits) + " pieces; it has " + sentences.size() + " with up to "
                            + longest);
        }
    }

    @Override
    public boolean scoresLocally(PretrainSpec spec, int stage) {
        return false;
    }

    @Override
    public PairModel open(Torch torch, PretrainSpec spec, int stage, int vocabulary, CheckpointWeights weights) {
        SenseSpec own = SenseSpec.of(spec);
        Sense sense = new Sense(own.model(), vocabulary);
        StateDictLayout layout = sense.layout();
        Parameters parameters = layout.allocate(torch, ElementType.F32);
        weights.copyInto(layout, parameters, "the model");
        return new Opened(own, parameters, new SenseEncoder(torch, parameters, sense));
    }

    /** z^t [C][D]. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Texts(double[][] vectors, int sentenceCount) implements PairModel.Texts {
        @Override
        public int size() {
            return vectors.length;
        }
    }

    private record Opened(SenseSpec spec, Parameters parameters, SenseEncoder encoder) implements PairModel {
        /** Reports that are encoded at a time. */
        private static final int CHUNK = 256;

        @Override
        public PairModel.Texts reports(StepScope scope, DataSet data, int[] rows, Runnable alive) {
            StudyTexts.Reader reader = SenseMethod.reader(spec.model().text(), data.vocabulary());
            double[][] vectors = new double[rows.length][];
            int sentences = 0;
            for (int from = 0; from < rows.length; from += CHUNK) {
                int[] some = Arrays.copyOfRange(rows, from, Math.min(from + CHUNK, rows.length));
                sentences += Arrays.stream(some)
                        .map(row -> reader.count(data.sentenceCount(row)))
                        .sum();
                double[][] found = vectors(scope, reader.read(data, some));
                System.arraycopy(found, 0, vectors, from, found.length);
                alive.run();
            }
            return new SensePairModels.Texts(vectors, sentences);
        }

        @Override
        public PairModel.Texts prompts(StepScope scope, Vocabulary vocabulary, List<List<String>> texts) {
            List<List<int[]>> pieces = cut(spec.model().text(), vocabulary, texts);
            StudyTexts.Reader reader = SenseMethod.reader(spec.model().text(), vocabulary);
            int sentences = pieces.stream().mapToInt(List::size).sum();
            return new SensePairModels.Texts(vectors(scope, reader.read(pieces)), sentences);
        }

        private double[][] vectors(StepScope scope, StudyTexts texts) {
            Tensor features = encoder.reports(scope, StudyTensors.texts(scope, texts));
            return rows(encoder.crossReports(scope, features), texts.reports());
        }

        @Override
        public PairScores score(StepScope scope, ImageBatch batch, PairModel.Texts texts, Runnable alive) {
            int side = spec.model().imageSize();
            Tensor features = encoder.images(scope, StudyTensors.images(scope, batch.images(), 0, batch.size(), side));
            double[][] images = rows(encoder.crossImages(scope, features), batch.size());
            double[][] others = ((SensePairModels.Texts) texts).vectors;
            double[][] cosines = new double[images.length][others.length];
            for (int i = 0; i < images.length; i++) {
                for (int j = 0; j < others.length; j++) {
                    cosines[i][j] = dot(images[i], others[j]);
                }
            }
            return new PairScores(cosines, new double[images.length][others.length]);
        }

        private static double dot(double[] one, double[] other) {
            double sum = 0;
            for (int d = 0; d < one.length; d++) {
                sum += one[d] * other[d];
            }
            return sum;
        }

        private static double[][] rows(Tensor matrix, int rows) {
            double[] all = matrix.toDoubles();
            int width = all.length / rows;
            return IntStream.range(0, rows)
                    .mapToObj(i -> Arrays.copyOfRange(all, i * width, (i + 1) * width))
                    .toArray(double[][]::new);
        }

        /** ln(1 / tau). */
        @Override
        public double logScale() {
            return -Math.log(spec.losses().tau());
        }

        @Override
        public void close() {
            encoder.close();
            parameters.close();
        }
    }
}
