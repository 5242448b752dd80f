package perdura.datasets.synth;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The wordings of reports. Braces hold what a finding fills in. */
final class ReportPhrases {
    static final Map<Finding, List<String>> PRESENT = Map.of(
            Finding.EFFUSION,
            List.of(
                    "there is a {size} {side} pleural effusion.",
                    "a {size} {side} pleural effusion is seen.",
                    "{size} {side} effusion is present.",
                    "{side} pleural effusion, {size} in size."),
            Finding.CONSOLIDATION,
            List.of(
                    "there is a {size} consolidation in the {side} {zone} lung.",
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

    static final Map<Finding, List<String>> ABSENT = Map.of(
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

    static final List<String> CONCLUDED = List.of(
            "{term} is seen.",
            "{term} is noted.",
            "{term} is observed.",
            "findings consistent with {term}.",
            "{term}.");

    static final List<String> OPACITY = List.of(
            "{size} opacity in the {side} {zone} lung, representing consolidation.",
            "a {size} opacity in the {side} {zone} lung is a consolidation.");

    static final List<String> UNCLEAR = List.of(
            "possible {term}.", "{term} cannot be excluded.", "questionable {term}.", "findings may represent {term}.");

    static final List<String> DEVICE =
            List.of("a {side} central line is in place.", "{side} catheter is in standard position.");

    static final List<String> NORMAL =
            List.of("no acute cardiopulmonary process.", "no acute disease.", "normal chest.");

    static final List<String> NEUTRAL = List.of(
            "the bones are intact.",
            "the mediastinal contours are unremarkable.",
            "the hilar contours are normal.",
            "the trachea is midline.",
            "comparison is made to the study of ___.",
            "the patient is rotated.");

    static final List<List<String>> SIZES =
            List.of(List.of("small", "minimal"), List.of("moderate", "medium"), List.of("large", "massive"));
    static final List<List<String>> DEGREES =
            List.of(List.of("mild", "minimal"), List.of("moderate"), List.of("severe", "marked"));

    private ReportPhrases() {}

    /** Every word that a report can hold, lower-case; punctuation apart. */
    static SortedSet<String> words() {
        List<List<String>> lists = new ArrayList<>(List.of(CONCLUDED, OPACITY, UNCLEAR, DEVICE, NORMAL, NEUTRAL));
        Stream.of(PRESENT.values(), ABSENT.values(), SIZES, DEGREES).forEach(lists::addAll);
        List<String> texts = new ArrayList<>();
        lists.forEach(texts::addAll);
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
}
