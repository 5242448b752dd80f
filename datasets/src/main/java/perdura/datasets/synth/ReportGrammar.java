package perdura.datasets.synth;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.synth.Reading.Mention;
import perdura.datasets.synth.Visit.PlacedFinding;
import perdura.grids.spec.EnumWord;

/**
 * Sentences that tell findings: where they are, how large they are, and what is not there. Whatever the images show is said
 * in words, and a part of the findings is said once more in the bare form of an impression, "X is seen".
 */
final class ReportGrammar {
    private static final double CONCLUDED_SHARE = 0.7;

    private ReportGrammar() {}

    /**
     * The two sections of a report, as sentences.
     *
     * @param findings shuffled
     * @param impression never empty
     */
    record Told(List<String> findings, List<String> impression) {}

    /** Tells what is to be told of a study; both sections together have at least four sentences. */
    static Told tell(Visit visit, Reading mentions, RandomStream random) {
        List<String> findings = new ArrayList<>();
        List<String> impression = new ArrayList<>();
        for (PlacedFinding placed : visit.findings()) {
            if (mentions.of(placed.finding()) == Mention.PRESENT) {
                findings.add(sentence(pick(present(placed.finding(), mentions), random), placed, random));
                if (random.nextDouble() < CONCLUDED_SHARE) {
                    impression.add(sentence(pick(ReportPhrases.CONCLUDED, random), placed, random));
                }
            }
        }
        for (Finding unclear : mentions.all(Mention.UNCLEAR)) {
            findings.add(capitalised(pick(ReportPhrases.UNCLEAR, random).replace("{term}", unclear.term())));
        }
        if (mentions.has(Reading.Aside.DEVICE)) {
            String side = visit.catheter() == Visit.Catheter.LEFT ? "left" : "right";
            findings.add(capitalised(pick(ReportPhrases.DEVICE, random).replace("{side}", side)));
        }
        if (impression.isEmpty()) {
            impression.add(capitalised(
                    findings.isEmpty() ? pick(ReportPhrases.NORMAL, random) : pick(ReportPhrases.NEUTRAL, random)));
        }
        findings.add(capitalised(pick(ReportPhrases.NEUTRAL, random)));
        for (Finding absent : mentions.all(Mention.ABSENT)) {
            findings.add(capitalised(pick(requireNonNull(ReportPhrases.ABSENT.get(absent)), random)));
        }
        return new Told(shuffled(findings, random), impression);
    }

    /** The bare impression: a sentence for each finding that is told, or one that all is well. */
    static List<String> conclude(Visit visit, Reading mentions, RandomStream random) {
        List<String> impression = new ArrayList<>();
        for (PlacedFinding placed : visit.findings()) {
            if (mentions.of(placed.finding()) == Mention.PRESENT) {
                impression.add(sentence(pick(ReportPhrases.CONCLUDED, random), placed, random));
            }
        }
        for (Finding unclear : mentions.all(Mention.UNCLEAR)) {
            impression.add(capitalised(pick(ReportPhrases.UNCLEAR, random).replace("{term}", unclear.term())));
        }
        if (impression.isEmpty()) {
            impression.add(capitalised(pick(ReportPhrases.NORMAL, random)));
        }
        return shuffled(impression, random);
    }

    private static List<String> present(Finding finding, Reading mentions) {
        return finding == Finding.CONSOLIDATION && mentions.has(Reading.Aside.OPACITY)
                ? ReportPhrases.OPACITY
                : requireNonNull(ReportPhrases.PRESENT.get(finding));
    }

    private static String sentence(String pattern, PlacedFinding placed, RandomStream random) {
        String side = placed.side() == PlacedFinding.Side.BOTH ? "bilateral" : EnumWord.of(placed.side());
        String sized = pattern.replace("{size}", pick(ReportPhrases.SIZES.get(placed.size() - 1), random))
                .replace("{degree}", pick(ReportPhrases.DEGREES.get(placed.size() - 1), random));
        return capitalised(sized.replace("{side}", side)
                .replace("{zone}", EnumWord.of(placed.zone()))
                .replace("{term}", placed.finding().term()));
    }

    private static String capitalised(String sentence) {
        return sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1);
    }

    private static List<String> shuffled(List<String> sentences, RandomStream random) {
        List<String> order = new ArrayList<>();
        for (int i : random.permutation(sentences.size())) {
            order.add(sentences.get(i));
        }
        return order;
    }

    private static String pick(List<String> choices, RandomStream random) {
        return choices.get(random.bounded(choices.size()));
    }
}
