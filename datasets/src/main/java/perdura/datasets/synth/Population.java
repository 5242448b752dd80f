package perdura.datasets.synth;

import java.util.EnumMap;
import java.util.Map;
import perdura.datasets.seeds.RandomStream;

/**
 * How often what occurs among the patients of a layout. One patient model serves all of them; only the shares are a
 * hospital's own.
 *
 * @param shares share of the studies that have a finding, if findings come independently
 * @param loneShare share of the first studies that have exactly one finding instead
 * @param severalFoci share of the consolidations that are several, up to three
 * @param bothSides share of the pneumothoraces that are on both sides
 * @param catheterShare share of the first studies with a catheter
 * @param smallShare share of the findings that are small; the others are moderate or large, as many of each
 * @param repeatShare share of the patients who come again, and of those a third time
 */
record Population(
        Map<Finding, Double> shares,
        double loneShare,
        double severalFoci,
        double bothSides,
        double catheterShare,
        double smallShare,
        double repeatShare) {
    private static final int MOST_STUDIES = 3;
    private static final double THIRD = 1 / 3.0;

    Population {
        shares = new EnumMap<>(shares);
    }

    static Population of(SynthConfig.Format format) {
        return switch (format) {
            case MIMIC_CXR -> new Population(shares(0.24, 0.24, 0.24, 0.24, 0.24, 0.24), 0, 0, 0, 0.1, THIRD, 0.4);
            case CHEXPERT -> new Population(shares(0.30, 0.16, 0.18, 0.22, 0.22, 0.12), 0.35, 0, 0, 0.3, THIRD, 0.4);
            case RSNA -> new Population(shares(0.17, 0.225, 0.14, 0.14, 0.17, 0.10), 0, 0.45, 0, 0.2, THIRD, 0);
            case SIIM -> new Population(shares(0.18, 0.16, 0.14, 0.14, 0.17, 0.22), 0, 0, 0.12, 0.2, 0.6, 0);
        };
    }

    /** @param inOrder one for each finding, in the order of their enum */
    private static Map<Finding, Double> shares(double... inOrder) {
        Map<Finding, Double> shares = new EnumMap<>(Finding.class);
        for (Finding finding : Finding.values()) {
            shares.put(finding, inOrder[shares.size()]);
        }
        return shares;
    }

    double share(Finding finding) {
        return shares.getOrDefault(finding, 0.0);
    }

    /** A finding, drawn by its share. */
    Finding drawOne(RandomStream random) {
        double left = random.nextDouble()
                * shares.values().stream().mapToDouble(Double::doubleValue).sum();
        Finding drawn = Finding.EFFUSION;
        for (Map.Entry<Finding, Double> entry : shares.entrySet()) {
            if (left >= 0) {
                drawn = entry.getKey();
            }
            left -= entry.getValue();
        }
        return drawn;
    }

    /** The size of a finding, 1 to 3. */
    int drawSize(RandomStream random) {
        double u = random.nextDouble();
        if (u < smallShare) {
            return 1;
        }
        return u < (1 + smallShare) / 2 ? 2 : 3;
    }

    /** 1 to 3. */
    int drawStudies(RandomStream random) {
        int studies = 1;
        while (studies < MOST_STUDIES && random.nextDouble() < repeatShare) {
            studies++;
        }
        return studies;
    }
}
