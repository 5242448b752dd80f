package perdura.datasets.synth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.synth.Visit.PlacedFinding;

/**
 * What a reader says of each finding in one study. A finding that is there is told as there, or as unclear; one that isn't
 * is told as absent, as unclear, or passed over.
 */
final class Reading {
    /** What is said of a finding. */
    enum Mention {
        PRESENT,
        UNCLEAR,
        ABSENT,
        NONE
    }

    /** What else is said. */
    enum Aside {
        /** A finding is called an opacity. */
        OPACITY,
        /** The catheter is named. */
        DEVICE
    }

    /** Sentences that a report has at least, the impression and a neutral one included. */
    private static final int FEWEST = 4;

    private static final int MOST = 8;
    private static final double UNCLEAR_IF_SMALL = 0.12;
    /** Share of the absent findings that look like something else and are told as unclear. */
    private static final double UNCLEAR_IN_LABELS = 0.08;

    private static final double UNCLEAR_IN_REPORTS = 0.02;
    private static final double DEVICE_NAMED = 0.9;
    private static final double CALLED_OPACITY = 0.3;

    private final Map<Finding, Mention> mentions = new EnumMap<>(Finding.class);
    private final Set<Aside> asides = EnumSet.noneOf(Aside.class);

    private Reading() {}

    /** What a report tells: so many absent findings that it has four to eight sentences. */
    static Reading ofReport(Visit visit, Difficulty difficulty, RandomStream random) {
        Reading told = new Reading();
        List<Finding> open = told.tellPresentAndUnclear(visit, difficulty, UNCLEAR_IN_REPORTS, random);
        int sentences = Finding.values().length - open.size() + 2;
        int least = Math.min(open.size(), Math.max(0, FEWEST - sentences));
        int most = Math.max(least, Math.min(open.size(), MOST - sentences));
        int negatives = least + random.bounded(most - least + 1);
        int[] order = random.permutation(open.size());
        for (int i = 0; i < negatives; i++) {
            told.mentions.put(open.get(order[i]), Mention.ABSENT);
        }
        return told;
    }

    /** What CheXpert's table tells: an absent finding is named as often as there. */
    static Reading ofLabels(Visit visit, Difficulty difficulty, RandomStream random) {
        Reading told = new Reading();
        for (Finding finding : told.tellPresentAndUnclear(visit, difficulty, UNCLEAR_IN_LABELS, random)) {
            if (random.nextDouble() < namedIfAbsent(finding)) {
                told.mentions.put(finding, Mention.ABSENT);
            }
        }
        return told;
    }

    /** What a reader of images without doubts tells: each finding is there or absent. */
    static Reading ofTruth(Visit visit) {
        Reading told = new Reading();
        for (Finding finding : Finding.values()) {
            told.mentions.put(finding, visit.has(finding) ? Mention.PRESENT : Mention.ABSENT);
        }
        if (visit.catheter() != Visit.Catheter.NONE) {
            told.asides.add(Aside.DEVICE);
        }
        return told;
    }

    /** The same reader, who passes over what is not there and beside the point. */
    Reading withoutAbsent() {
        Reading told = new Reading();
        mentions.forEach((finding, mention) -> {
            if (mention != Mention.ABSENT) {
                told.mentions.put(finding, mention);
            }
        });
        return told;
    }

    Mention of(Finding finding) {
        return mentions.getOrDefault(finding, Mention.NONE);
    }

    boolean has(Aside aside) {
        return asides.contains(aside);
    }

    /** Findings of which this is said, in the order of their enum. */
    List<Finding> all(Mention mention) {
        return Arrays.stream(Finding.values()).filter(f -> of(f) == mention).toList();
    }

    /** Returns the findings of which nothing is said yet; none of them is there. */
    private List<Finding> tellPresentAndUnclear(
            Visit visit, Difficulty difficulty, double unclearIfNot, RandomStream random) {
        List<Finding> open = new ArrayList<>();
        for (Finding finding : Finding.values()) {
            double doubt = random.nextDouble();
            int size = visit.findings().stream()
                    .filter(placed -> placed.finding() == finding)
                    .mapToInt(PlacedFinding::size)
                    .max()
                    .orElse(0);
            double unclear = size == 0 ? unclearIfNot * doubtIfNot(finding) : UNCLEAR_IF_SMALL / size;
            if (doubt < unclear * difficulty.doubt()) {
                mentions.put(finding, Mention.UNCLEAR);
            } else if (size > 0) {
                mentions.put(finding, Mention.PRESENT);
            } else {
                open.add(finding);
            }
        }
        if (random.nextDouble() < CALLED_OPACITY && of(Finding.CONSOLIDATION) == Mention.PRESENT) {
            asides.add(Aside.OPACITY);
        }
        if (random.nextDouble() < DEVICE_NAMED && visit.catheter() != Visit.Catheter.NONE) {
            asides.add(Aside.DEVICE);
        }
        return open;
    }

    /** Readers doubt most what looks like something else. */
    private static double doubtIfNot(Finding finding) {
        return switch (finding) {
            case CONSOLIDATION, ATELECTASIS -> 1;
            case EDEMA -> 0.6;
            case EFFUSION, CARDIOMEGALY -> 0.4;
            case PNEUMOTHORAX -> 0.15;
        };
    }

    /** About the shares of 0.0 in CheXpert's table, among the studies without the finding. */
    private static double namedIfAbsent(Finding finding) {
        return switch (finding) {
            case PNEUMOTHORAX -> 0.28;
            case EFFUSION -> 0.26;
            case CONSOLIDATION -> 0.16;
            case EDEMA -> 0.14;
            case CARDIOMEGALY -> 0.06;
            case ATELECTASIS -> 0.01;
        };
    }
}
