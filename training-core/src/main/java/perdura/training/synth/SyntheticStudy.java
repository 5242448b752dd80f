package perdura.training.synth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import perdura.training.data.OfficialSplit;
import perdura.training.seeds.RandomStream;
import perdura.training.seeds.Seeds;
import perdura.training.synth.PlacedFinding.Side;
import perdura.training.synth.PlacedFinding.Zone;

/**
 * The truth of one study, before anything is drawn or written.
 *
 * @param index from 0 over the data set
 * @param patientId digits
 * @param studyId digits
 * @param findings present findings, each at most once, in the order of their enum
 * @param images at least one
 */
record SyntheticStudy(
        int index,
        String patientId,
        String studyId,
        OfficialSplit split,
        List<PlacedFinding> findings,
        List<SyntheticImage> images,
        ReportForm form) {
    /** Share of the studies that have a given finding. */
    private static final double PREVALENCE = 0.24;

    /**
     * One image.
     *
     * @param dicomId five groups of eight hexadecimal digits
     * @param view AP, PA or LATERAL
     */
    record SyntheticImage(String dicomId, String view, int width, int height) {
        boolean isFrontal() {
            return !view.equals("LATERAL");
        }
    }

    /** How a report is laid out; real ones come in all of these. */
    enum ReportForm {
        BOTH_SECTIONS,
        FINDINGS_ONLY,
        ONE_JOINT_SECTION,
        REPEATED_SECTION,
        TOO_SHORT,
        NO_SECTION,
        MISSING
    }

    static SyntheticStudy draw(SynthConfig config, int index) {
        RandomStream random = Seeds.stream(config.seed(), "synth-study", index);
        int patient = index * 2 / 3; // every third study is its patient's second one
        List<PlacedFinding> findings = new ArrayList<>();
        for (Finding finding : Finding.values()) {
            if (random.nextDouble() < PREVALENCE) {
                findings.add(place(finding, random));
            }
        }
        return new SyntheticStudy(
                index,
                Integer.toString(10_000_000 + patient),
                Integer.toString(50_000_000 + index),
                splitOf(patient),
                List.copyOf(findings),
                images(config, random),
                form(random));
    }

    private static OfficialSplit splitOf(int patient) {
        return switch (patient % 10) {
            case 3 -> OfficialSplit.VALIDATE;
            case 7 -> OfficialSplit.TEST;
            default -> OfficialSplit.TRAIN;
        };
    }

    private static PlacedFinding place(Finding finding, RandomStream random) {
        int size = 1 + random.bounded(3);
        Side side = random.bounded(2) == 0 ? Side.LEFT : Side.RIGHT;
        return switch (finding) {
            case EFFUSION -> new PlacedFinding(finding, random.bounded(3) == 0 ? Side.BOTH : side, Zone.WHOLE, size);
            case CONSOLIDATION ->
                new PlacedFinding(
                        finding, side, List.of(Zone.UPPER, Zone.MID, Zone.LOWER).get(random.bounded(3)), size);
            case ATELECTASIS -> new PlacedFinding(finding, side, random.bounded(2) == 0 ? Zone.MID : Zone.LOWER, size);
            case PNEUMOTHORAX -> new PlacedFinding(finding, side, Zone.WHOLE, size);
            case CARDIOMEGALY, EDEMA -> new PlacedFinding(finding, Side.BOTH, Zone.WHOLE, size);
        };
    }

    private static List<SyntheticImage> images(SynthConfig config, RandomStream random) {
        List<SyntheticImage> images = new ArrayList<>();
        if (random.nextDouble() >= 0.02) {
            images.add(image(config, random, random.nextDouble() < 0.5 ? "AP" : "PA"));
            if (random.nextDouble() < 0.15) {
                images.add(image(config, random, "AP"));
            }
        }
        if (images.isEmpty() || random.nextDouble() < 0.3) {
            images.add(image(config, random, "LATERAL"));
        }
        return List.copyOf(images);
    }

    private static SyntheticImage image(SynthConfig config, RandomStream random, String view) {
        int span = config.longestSide() - config.shortestSide();
        int width = config.shortestSide() + random.bounded(span / 2 + 1);
        int height = config.longestSide() - random.bounded(span / 2 + 1);
        StringBuilder id = new StringBuilder();
        for (int group = 0; group < 5; group++) {
            id.append(group == 0 ? "" : "-").append(String.format(Locale.ROOT, "%08x", (int) random.nextLong()));
        }
        return new SyntheticImage(id.toString(), view, width, height);
    }

    private static ReportForm form(RandomStream random) {
        double u = random.nextDouble();
        if (u < 0.62) {
            return ReportForm.BOTH_SECTIONS;
        }
        if (u < 0.73) {
            return ReportForm.FINDINGS_ONLY;
        }
        if (u < 0.83) {
            return ReportForm.ONE_JOINT_SECTION;
        }
        if (u < 0.92) {
            return ReportForm.REPEATED_SECTION;
        }
        if (u < 0.96) {
            return ReportForm.TOO_SHORT;
        }
        return u < 0.985 ? ReportForm.NO_SECTION : ReportForm.MISSING;
    }
}
