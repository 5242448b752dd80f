package perdura.datasets.synth;

import java.util.ArrayList;
import java.util.List;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.synth.Visit.PlacedFinding.Side;
import perdura.datasets.synth.Visit.PlacedFinding.Zone;

/**
 * What is the matter with a patient on the day of one study.
 *
 * @param number 0 for the patient's first study
 * @param findings in the order of their enum; there may be several consolidations, and a pneumothorax on each side; every
 *     other finding is there at most once
 */
record Visit(int number, List<PlacedFinding> findings, Catheter catheter) {
    private static final List<Zone> THIRDS = List.of(Zone.UPPER, Zone.MID, Zone.LOWER);
    private static final double RESOLVES = 0.25;
    private static final double SHRINKS = 0.45;
    private static final double GROWS = 0.65;
    private static final double CATHETER_STAYS = 0.75;

    /** A line into the patient's left or right shoulder. */
    enum Catheter {
        NONE,
        LEFT,
        RIGHT
    }

    Visit {
        findings = List.copyOf(findings);
    }

    /** A first study. */
    static Visit first(Population population, RandomStream random) {
        List<PlacedFinding> findings = new ArrayList<>();
        if (random.nextDouble() < population.loneShare()) {
            findings.addAll(place(population.drawOne(random), population, random));
        } else {
            for (Finding finding : Finding.values()) {
                if (random.nextDouble() < population.share(finding)) {
                    findings.addAll(place(finding, population, random));
                }
            }
        }
        return new Visit(0, findings, catheter(random.nextDouble() < population.catheterShare(), random));
    }

    /** The patient's following study: a finding goes, shrinks, grows or stays; others come, so that the shares hold. */
    Visit next(Population population, RandomStream random) {
        List<PlacedFinding> later = new ArrayList<>();
        for (Finding finding : Finding.values()) {
            if (has(finding)) {
                findings.stream()
                        .filter(placed -> placed.finding() == finding)
                        .forEach(placed -> evolve(placed, random.nextDouble(), later));
            } else if (random.nextDouble() < RESOLVES * population.share(finding) / (1 - population.share(finding))) {
                later.addAll(place(finding, population, random));
            }
        }
        boolean stays = catheter != Catheter.NONE && random.nextDouble() < CATHETER_STAYS;
        return new Visit(
                number + 1,
                later,
                stays ? catheter : catheter(random.nextDouble() < population.catheterShare() / 4, random));
    }

    boolean has(Finding finding) {
        return findings.stream().anyMatch(placed -> placed.finding() == finding);
    }

    private static void evolve(PlacedFinding placed, double draw, List<PlacedFinding> later) {
        if (draw >= RESOLVES) {
            int size = placed.size() + (draw < SHRINKS ? -1 : draw < GROWS ? 1 : 0);
            later.add(placed.withSize(Math.max(1, Math.min(3, size))));
        }
    }

    private static Catheter catheter(boolean present, RandomStream random) {
        Catheter side = random.bounded(2) == 0 ? Catheter.LEFT : Catheter.RIGHT;
        return present ? side : Catheter.NONE;
    }

    private static List<PlacedFinding> place(Finding finding, Population population, RandomStream random) {
        int size = population.drawSize(random);
        Side side = random.bounded(2) == 0 ? Side.LEFT : Side.RIGHT;
        return switch (finding) {
            case EFFUSION ->
                List.of(new PlacedFinding(finding, random.bounded(3) == 0 ? Side.BOTH : side, Zone.WHOLE, size));
            case CONSOLIDATION -> foci(population, random);
            case ATELECTASIS ->
                List.of(new PlacedFinding(finding, side, random.bounded(2) == 0 ? Zone.MID : Zone.LOWER, size));
            case PNEUMOTHORAX -> air(side, size, population, random);
            case CARDIOMEGALY, EDEMA -> List.of(new PlacedFinding(finding, Side.BOTH, Zone.WHOLE, size));
        };
    }

    /** One consolidation, or two or three in different thirds of the lungs. */
    private static List<PlacedFinding> foci(Population population, RandomStream random) {
        int[] places = random.permutation(2 * THIRDS.size());
        int count = random.nextDouble() < population.severalFoci() ? 2 + random.bounded(2) : 1;
        List<PlacedFinding> foci = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            foci.add(new PlacedFinding(
                    Finding.CONSOLIDATION,
                    places[i] % 2 == 0 ? Side.LEFT : Side.RIGHT,
                    THIRDS.get(places[i] / 2),
                    population.drawSize(random)));
        }
        return foci;
    }

    /** A pneumothorax on one side, or one on each. */
    private static List<PlacedFinding> air(Side side, int size, Population population, RandomStream random) {
        if (random.nextDouble() < population.bothSides()) {
            return List.of(
                    new PlacedFinding(Finding.PNEUMOTHORAX, Side.RIGHT, Zone.WHOLE, size),
                    new PlacedFinding(Finding.PNEUMOTHORAX, Side.LEFT, Zone.WHOLE, population.drawSize(random)));
        }
        return List.of(new PlacedFinding(Finding.PNEUMOTHORAX, side, Zone.WHOLE, size));
    }

    /**
     * A finding of one patient.
     *
     * @param side the patient's; BOTH for findings without a side
     * @param zone WHOLE for findings without a zone
     * @param size 1 small, 2 moderate, 3 large
     */
    record PlacedFinding(Finding finding, Side side, Zone zone, int size) {
        /** The patient's sides: the right one is on the left of the image. */
        enum Side {
            LEFT,
            RIGHT,
            BOTH
        }

        /** A third of the lung's height. */
        enum Zone {
            UPPER,
            MID,
            LOWER,
            WHOLE
        }

        PlacedFinding withSize(int other) {
            return new PlacedFinding(finding, side, zone, other);
        }
    }
}
