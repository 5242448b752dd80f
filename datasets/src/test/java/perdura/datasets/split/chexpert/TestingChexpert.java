package perdura.datasets.split.chexpert;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import perdura.datasets.split.chexpert.Mentions.Mention;

/** A made-up CheXpert: patients with a frontal and a lateral image, each of whom shows one of the five findings alone. */
final class TestingChexpert {
    private TestingChexpert() {}

    /** A table of {@code patients} training patients and two of valid.csv; patient p shows finding p mod 5. */
    static ChexpertTable table(int patients) {
        List<ChexpertTable.Row> rows = new ArrayList<>();
        for (int p = 0; p < patients; p++) {
            Mentions mentions = mentions(ChexpertFinding.FIVE.get(p % 5), Mention.POSITIVE);
            rows.add(row(path(p, "frontal"), ChexpertTable.Row.View.FRONTAL, mentions));
            rows.add(row(path(p, "lateral"), ChexpertTable.Row.View.LATERAL, mentions));
        }
        for (int p = 0; p < 2; p++) {
            String path = "valid/patient6454" + (p + 1) + "/study1/view1_frontal.jpg";
            rows.add(row(path, ChexpertTable.Row.View.FRONTAL, Mentions.BLANK));
        }
        return ChexpertTable.of(rows);
    }

    static String path(int patient, String view) {
        return "train/patient%05d/study1/view1_%s.jpg".formatted(patient, view);
    }

    /** A row that says one thing of one finding and nothing of the others. */
    static Mentions mentions(ChexpertFinding finding, Mention mention) {
        return new Mentions(Stream.of(ChexpertFinding.values())
                .map(other -> other == finding ? mention : Mention.BLANK)
                .toList());
    }

    private static ChexpertTable.Row row(String path, ChexpertTable.Row.View view, Mentions mentions) {
        return new ChexpertTable.Row(ChexpertTable.Image.parse(path).orElseThrow(), view, mentions);
    }
}
