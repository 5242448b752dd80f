package perdura.datasets.split.chexpert;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import perdura.datasets.split.chexpert.Mentions.Mention;
import perdura.testkit.GoldenCases;

/** The reference's CheXpert cases as a table, with one row of valid.csv beside them. */
final class GoldenChexpert {
    private final JsonNode cases = GoldenCases.read("sense/data_cases").get("chexpert");

    JsonNode cases() {
        return cases;
    }

    /** @param orderSeed shuffles the rows; no result may depend on it */
    ChexpertTable table(long orderSeed) {
        List<String> header = GoldenCases.texts(cases.get("header"));
        List<ChexpertTable.Row> rows = new ArrayList<>();
        for (JsonNode row : cases.get("rows")) {
            List<String> cells = GoldenCases.texts(row);
            rows.add(new ChexpertTable.Row(
                    ChexpertTable.Image.parse(cells.get(header.indexOf("Path"))).orElseThrow(),
                    view(cells.get(header.indexOf("Frontal/Lateral"))),
                    mentions(header, cells)));
        }
        rows.add(new ChexpertTable.Row(
                ChexpertTable.Image.parse("valid/patient64541/study1/view1_frontal.jpg")
                        .orElseThrow(),
                ChexpertTable.Row.View.FRONTAL,
                Mentions.BLANK));
        Collections.shuffle(rows, new Random(orderSeed));
        return ChexpertTable.of(rows);
    }

    private static ChexpertTable.Row.View view(String cell) {
        return cell.equals("Frontal") ? ChexpertTable.Row.View.FRONTAL : ChexpertTable.Row.View.LATERAL;
    }

    private static Mentions mentions(List<String> header, List<String> cells) {
        List<Mention> mentions = new ArrayList<>();
        for (ChexpertFinding finding : ChexpertFinding.values()) {
            mentions.add(
                    Mention.parse(cells.get(header.indexOf(finding.column()))).orElseThrow());
        }
        return new Mentions(mentions);
    }
}
