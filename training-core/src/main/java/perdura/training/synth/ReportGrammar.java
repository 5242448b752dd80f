package perdura.training.synth;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import perdura.training.seeds.RandomStream;

/**
 * Sentences that tell findings: where they are, how large they are, and what is not there. Whatever the images show is said
 * in words, and a part of the findings is said once more in the bare form of an impression, "X is seen".
 */
final class ReportGrammar {
    private static final Map<Finding, List<String>> PRESENT = Map.of(
            Finding.EFFUSION,
            List.of(
                    "there is a {size} {side} pleural effusion.",
                    "a {size} {side} pleural effusion is seen.",
                    "{size} {side} effusion is present.",
                    "{side} pleural effusion, {size} in size."),
            Finding.CONSOLIDATION,
            List.of(
                    "there is a {size} consolidation in the {side} {zone} lung.",
                    "{size} opacity in the {side} {zone} lung, concerning for consolidation.",
                    "{side} {zone} lung consolidation is {size}.",
                    "a {size} focal consolidation is seen in the {side} {zone} lung."),
            Finding.CARDIOMEGALY,
            List.of(
                    "there is {degree} cardiomegaly.",
                    "the heart is enlarged to a {degree} degree.",
                    "{degree} enlargement of the cardiac silhouette."),
            Finding.EDEMA,
            List.of(
                    "there is {degree} pulmonary edema.",
                    "{degree} interstitial edema is seen.",
                    "{degree} vascular congestion and pulmonary edema."),
            Finding.ATELECTASIS,
            List.of(
                    "there is {degree} atelectasis in the {side} {zone} lung.",
                    "{degree} {side} {zone} lung atelectasis.",
                    "a band of {degree} atelectasis is seen in the {side} {zone} lung.",
                    "{side} {zone} lung linear atelectasis is {degree}."),
            Finding.PNEUMOTHORAX,
            List.of(
                    "there is a {size} {side} pneumothorax.",
                    "{size} {side} apical pneumothorax is seen.",
                    "{side} pneumothorax, {size} in size."));

    private static final Map<Finding, List<String>> ABSENT = Map.of(
            Finding.EFFUSION,
            List.of("no pleural effusion.", "there is no pleural effusion.", "no pleural effusion is observed."),
            Finding.CONSOLIDATION,
            List.of("no focal consolidation.", "the lungs are free of consolidation.", "no consolidation is observed."),
            Finding.CARDIOMEGALY,
            List.of("heart size is normal.", "the cardiac silhouette is not enlarged.", "no cardiomegaly is seen."),
            Finding.EDEMA,
            List.of("no pulmonary edema.", "there is no pulmonary edema.", "no pulmonary edema is observed."),
            Finding.ATELECTASIS,
            List.of("no atelectasis.", "there is no atelectasis.", "no atelectasis is observed."),
            Finding.PNEUMOTHORAX,
            List.of("no pneumothorax.", "there is no pneumothorax.", "no pneumothorax is seen."));

    private static final List<String> CONCLUDED = List.of(
            "{term} is seen.",
            "{term} is noted.",
            "{term} is observed.",
            "findings consistent with {term}.",
            "{term}.");

    private static final List<String> NORMAL =
            List.of("no acute cardiopulmonary process.", "no acute disease.", "normal chest.");

    private static final List<String> NEUTRAL = List.of(
            "the bones are intact.",
            "the mediastinal contours are unremarkable.",
            "the hilar contours are normal.",
            "the trachea is midline.",
            "comparison is made to the study of ___.",
            "the patient is rotated.");

    private static final List<List<String>> SIZES =
            List.of(List.of("small", "minimal"), List.of("moderate", "medium"), List.of("large", "massive"));
    private static final List<List<String>> DEGREES =
            List.of(List.of("mild", "minimal"), List.of("moderate"), List.of("severe", "marked"));

    private static final double CONCLUDED_SHARE = 0.7;
    private static final int FEWEST = 4;
    private static final int MOST = 8;

    private ReportGrammar() {}

    /**
     * The two sections of a report, as sentences.
     *
     * @param findings shuffled
     * @param impression never empty
     */
    record Told(List<String> findings, List<String> impression) {}

    /** Tells all findings of a study; both sections together have four to eight sentences, more if the findings need it. */
    static Told tell(List<PlacedFinding> present, RandomStream random) {
        List<String> findings = new ArrayList<>();
        List<String> impression = new ArrayList<>();
        List<Finding> absent = new ArrayList<>(List.of(Finding.values()));
        for (PlacedFinding placed : present) {
            absent.remove(placed.finding());
            findings.add(sentence(pick(requireNonNull(PRESENT.get(placed.finding())), random), placed, random));
            if (random.nextDouble() < CONCLUDED_SHARE) {
                impression.add(sentence(pick(CONCLUDED, random), placed, random));
            }
        }
        if (impression.isEmpty()) {
            impression.add(capitalised(present.isEmpty() ? pick(NORMAL, random) : pick(NEUTRAL, random)));
        }
        findings.add(capitalised(pick(NEUTRAL, random)));
        int told = findings.size() + impression.size();
        int least = Math.max(0, FEWEST - told);
        int most = Math.max(least, Math.min(absent.size(), MOST - told));
        int negatives = least + random.bounded(most - least + 1);
        int[] order = random.permutation(absent.size());
        for (int i = 0; i < Math.min(negatives, order.length); i++) {
            findings.add(capitalised(pick(requireNonNull(ABSENT.get(absent.get(order[i]))), random)));
        }
        return new Told(shuffled(findings, random), impression);
    }

    /** Every word that a report can hold, lower-case; punctuation apart. */
    static SortedSet<String> words() {
        List<String> texts = new ArrayList<>();
        PRESENT.values().forEach(texts::addAll);
        ABSENT.values().forEach(texts::addAll);
        texts.addAll(CONCLUDED);
        texts.addAll(NORMAL);
        texts.addAll(NEUTRAL);
        SIZES.forEach(texts::addAll);
        DEGREES.forEach(texts::addAll);
        for (Finding finding : Finding.values()) {
            texts.add(finding.term());
        }
        texts.add("left right bilateral upper mid lower");
        SortedSet<String> words = new TreeSet<>();
        for (String text : texts) {
            for (String word : text.replaceAll("\\{[a-z]+}", " ").split("[^a-z]+", -1)) {
                if (!word.isEmpty()) {
                    words.add(word);
                }
            }
        }
        return words;
    }

    private static String sentence(String pattern, PlacedFinding placed, RandomStream random) {
        String side = placed.side() == PlacedFinding.Side.BOTH
                ? "bilateral"
                : placed.side().key();
        String sized = pattern.replace("{size}", pick(SIZES.get(placed.size() - 1), random))
                .replace("{degree}", pick(DEGREES.get(placed.size() - 1), random));
        return capitalised(sized.replace("{side}", side)
                .replace("{zone}", placed.zone().key())
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
