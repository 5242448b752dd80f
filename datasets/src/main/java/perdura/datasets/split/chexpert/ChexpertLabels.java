package perdura.datasets.split.chexpert;

import java.util.List;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.chexpert.Mentions.Mention;

/** Which findings are learned, and what an uncertain or blank cell counts as (prior.md 4.2, sense.md 4.2). */
public enum ChexpertLabels {
    /** The five of the competition. */
    FIVE,
    /** All fourteen. */
    ALL14;

    /** The findings in the order of the model's outputs. */
    public List<ChexpertFinding> findings() {
        return this == FIVE ? ChexpertFinding.FIVE : List.of(ChexpertFinding.values());
    }

    /** The labels of all rows of a table. */
    public BinaryLabels of(ChexpertTable table) {
        int[] masks =
                table.rows().stream().mapToInt(row -> mask(row.mentions())).toArray();
        return new BinaryLabels(ChexpertFinding.columns(findings()), masks);
    }

    /** The labels of one row; bit i is finding i. */
    public int mask(Mentions mentions) {
        List<ChexpertFinding> findings = findings();
        int mask = 0;
        for (int i = 0; i < findings.size(); i++) {
            mask |= label(findings.get(i), mentions.of(findings.get(i))) << i;
        }
        return mask;
    }

    /**
     * 0 or 1. Blank is 0; uncertain is 1 for atelectasis, edema and pleural effusion, and 0 for cardiomegaly, consolidation and all
     * others.
     */
    public static int label(ChexpertFinding finding, Mention mention) {
        return switch (mention) {
            case BLANK, NEGATIVE -> 0;
            case POSITIVE -> 1;
            case UNCERTAIN ->
                switch (finding) {
                    case ATELECTASIS, EDEMA, PLEURAL_EFFUSION -> 1;
                    default -> 0;
                };
        };
    }
}
