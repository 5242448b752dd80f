package perdura.training.methods.prior.figure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.figure.TSne;
import perdura.training.methods.prior.model.EncodedTexts;
import perdura.training.tasks.pair.ScoreRule;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/**
 * Chooses and encodes the sentences of {@link SentenceMap}.
 *
 * @param before a stage without the bank; null for the same stage, before its bank is asked
 */
record SentencePoints(FigureSource after, @Nullable FigureSource before) {
    private static final int SENTENCES = 1000;
    private static final int LEAST = 10;

    /** A sentence of a row; numbers from 0. */
    private record Choice(int row, int sentence) {}

    /** What a model makes of the chosen sentences: vectors [n][dim] and the prototype of each. */
    private static final class Encoded {
        private final List<Choice> choices;
        private final double[][] vectors;
        private final int[] prototypes;

        Encoded(List<Choice> choices, double[][] vectors, int[] prototypes) {
            this.choices = choices;
            this.vectors = vectors;
            this.prototypes = prototypes;
        }
    }

    SentenceMap map() {
        List<Choice> chosen = choose();
        Encoded right = encode(after, chosen, true);
        Encoded left = encode(before == null ? after : before, right.choices, false);
        int points = right.choices.size();
        if (points < LEAST) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "a map of sentences wants at least " + LEAST + " of them, the data set has " + points);
        }
        double[][] leftPlaces = TSne.map(left.vectors, SentenceMap.perplexity(points));
        double[][] rightPlaces = TSne.map(right.vectors, SentenceMap.perplexity(points));
        List<SentenceMap.Point> all = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            Choice choice = right.choices.get(i);
            all.add(new SentenceMap.Point(
                    after.data().sampleId(choice.row()),
                    choice.sentence() + 1,
                    right.prototypes[i],
                    new SentenceMap.Place(leftPlaces[i][0], leftPlaces[i][1]),
                    new SentenceMap.Place(rightPlaces[i][0], rightPlaces[i][1])));
        }
        return new SentenceMap(
                all,
                before == null
                        ? "before the bank, stage " + after.stage().stage()
                        : "without the bank, end of stage " + before.stage().stage(),
                "after the bank, stage " + after.stage().stage());
    }

    /** Sentences of all rows that may be shown, drawn without repetition; in the order of rows. */
    private List<Choice> choose() {
        List<Choice> all = new ArrayList<>();
        for (int row : after.rows("sentences")) {
            int count = after.data().sentenceCount(row);
            for (int sentence = 0; sentence < count; sentence++) {
                all.add(new Choice(row, sentence));
            }
        }
        int[] order = Seeds.stream("figure", "sentence", after.seed()).permutation(all.size());
        int[] first = Arrays.copyOf(order, Math.min(SENTENCES, order.length));
        Arrays.sort(first);
        return Arrays.stream(first).mapToObj(all::get).toList();
    }

    /** Each sentence within its report; those that the greatest length cuts off are left out. */
    private static Encoded encode(FigureSource source, List<Choice> choices, boolean throughBank) {
        int[] rows = choices.stream().mapToInt(Choice::row).distinct().toArray();
        try (StepScope scope = source.torch().newStep()) {
            EncodedTexts texts = source.model().reports(scope, source.data(), rows, () -> {});
            int[] placeOf = new int[Math.toIntExact(source.data().size())];
            IntStream.range(0, rows.length).forEach(i -> placeOf[rows[i]] = i);
            List<Choice> kept = choices.stream()
                    .filter(choice -> choice.sentence() < texts.sentenceCount(placeOf[choice.row()]))
                    .toList();
            int[] numbers = kept.stream()
                    .mapToInt(choice -> texts.offsets().get(placeOf[choice.row()]) + choice.sentence())
                    .toArray();
            Tensor weights = source.model().inference().prototypeWeights(scope, texts, 1);
            double[][] shares = rows(weights, numbers);
            return new Encoded(
                    kept,
                    rows(throughBank ? texts.sentences() : texts.raw(), numbers),
                    Arrays.stream(shares).mapToInt(ScoreRule::best).toArray());
        }
    }

    /** Some rows of a matrix. */
    private static double[][] rows(Tensor matrix, int[] numbers) {
        double[] values = matrix.toDoubles();
        int width = Math.toIntExact(matrix.shape().get(1));
        return Arrays.stream(numbers)
                .mapToObj(number -> Arrays.copyOfRange(values, number * width, (number + 1) * width))
                .toArray(double[][]::new);
    }
}
