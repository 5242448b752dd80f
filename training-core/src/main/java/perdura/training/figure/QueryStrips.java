package perdura.training.figure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.training.methods.prior.model.EncodedTexts;
import perdura.training.torch.StepScope;

/** Figure 2 (prior.md 5): softmax(x E^T) of sentences in groups of the same meaning. */
final class QueryStrips {
    /** Four groups, with words that synthetic reports have too. */
    static final List<List<String>> SYNONYMS = List.of(
            List.of("the heart is enlarged.", "there is cardiomegaly.", "enlargement of the cardiac silhouette."),
            List.of(
                    "there is a right pleural effusion.",
                    "right pleural effusion is seen.",
                    "right effusion is present."),
            List.of(
                    "the mediastinal contours are normal.",
                    "mediastinal contours are unremarkable.",
                    "normal mediastinal contours."),
            List.of(
                    "there is a right apical pneumothorax.",
                    "right apical pneumothorax is seen.",
                    "right apical pneumothorax is present."));

    private QueryStrips() {}

    static StripChart chart(FigureSource source) {
        List<StripChart.Row> rows = new ArrayList<>();
        try (StepScope scope = source.torch().newStep()) {
            List<List<String>> alone =
                    SYNONYMS.stream().flatMap(List::stream).map(List::of).toList();
            EncodedTexts texts = source.model().prompts(scope, source.data().vocabulary(), alone);
            double[] weights =
                    source.model().inference().prototypeWeights(scope, texts, 1).toDoubles();
            int prototypes = weights.length / alone.size();
            int sentence = 0;
            for (List<String> group : SYNONYMS) {
                if (sentence > 0) {
                    rows.add(StripChart.Row.GAP);
                }
                for (String text : group) {
                    rows.add(new StripChart.Row(
                            text, Arrays.copyOfRange(weights, sentence * prototypes, (sentence + 1) * prototypes)));
                    sentence++;
                }
            }
        }
        return new StripChart(
                "Which prototypes sentences of one meaning ask for",
                "softmax of the products with the bank's rows, without noise; stage "
                        + source.stage().stage(),
                rows,
                "weight",
                1);
    }
}
