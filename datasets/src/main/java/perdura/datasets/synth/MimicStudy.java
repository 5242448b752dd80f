package perdura.datasets.synth;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import perdura.datasets.seeds.RandomStream;

/**
 * A study as MIMIC-CXR has it.
 *
 * @param patientId digits
 * @param studyId digits
 * @param split in the words of the split table
 * @param images at least one
 */
record MimicStudy(
        Patient patient,
        Visit visit,
        String patientId,
        String studyId,
        String split,
        Reading mentions,
        List<Image> images,
        ReportForm form) {
    private static final int STUDIES_OF_A_PATIENT = 3;

    /** The forms of reports, by where their shares begin in [0, 1). */
    private static final NavigableMap<Double, ReportForm> FORMS =
            Collections.unmodifiableNavigableMap(new TreeMap<>(Map.of(
                    0.0, ReportForm.BOTH_SECTIONS,
                    0.62, ReportForm.FINDINGS_ONLY,
                    0.73, ReportForm.ONE_JOINT_SECTION,
                    0.83, ReportForm.REPEATED_SECTION,
                    0.92, ReportForm.TOO_SHORT,
                    0.96, ReportForm.NO_SECTION,
                    0.985, ReportForm.MISSING)));

    /** One image and its name: five groups of eight hexadecimal digits. */
    record Image(String dicomId, Shot shot) {}

    /** How a report is laid out; real ones come in all of these. */
    enum ReportForm {
        BOTH_SECTIONS,
        FINDINGS_ONLY,
        ONE_JOINT_SECTION,
        REPEATED_SECTION,
        /** The impression alone, with a bare sentence for each finding; only where short reports are asked for. */
        BARE_IMPRESSION,
        TOO_SHORT,
        NO_SECTION,
        MISSING;

        /** Whether all sentences are in sections that are read. */
        boolean isWhole() {
            return switch (this) {
                case BOTH_SECTIONS, FINDINGS_ONLY, ONE_JOINT_SECTION, REPEATED_SECTION, BARE_IMPRESSION -> true;
                case TOO_SHORT, NO_SECTION, MISSING -> false;
            };
        }
    }

    MimicStudy {
        images = List.copyOf(images);
    }

    static MimicStudy draw(SynthConfig config, Patient patient, Visit visit) {
        RandomStream random = patient.stream(config, "synth-study", visit.number());
        Reading mentions = Reading.ofReport(visit, new Difficulty(config.difficulty()), random);
        List<Image> images = images(config, random);
        ReportForm form = FORMS.floorEntry(random.nextDouble()).getValue();
        boolean isShort = form.isWhole() && isShort(config, patient, visit);
        return new MimicStudy(
                patient,
                visit,
                Integer.toString(patientId(patient.number())),
                Integer.toString(50_000_000 + STUDIES_OF_A_PATIENT * patient.number() + visit.number()),
                splitOf(patient.number()),
                isShort ? mentions.withoutAbsent() : mentions,
                images,
                isShort ? ReportForm.BARE_IMPRESSION : form);
    }

    /** A stream of its own: the other studies of the set are as without short reports. */
    private static boolean isShort(SynthConfig config, Patient patient, Visit visit) {
        return config.shortReports() > 0
                && patient.stream(config, "synth-short", visit.number()).nextDouble() < config.shortReports();
    }

    /** Unique, and spread over the folders p10 to p19 as the real ones are. */
    private static int patientId(int number) {
        return (int) (10_000_000 + number * 6_180_339L % 10_000_000);
    }

    /** Seven of eight patients are for training. The real split keeps more of them, which leaves nothing of small sets. */
    private static String splitOf(int patient) {
        return switch (patient % 16) {
            case 3 -> "validate";
            case 7 -> "test";
            default -> "train";
        };
    }

    private static List<Image> images(SynthConfig config, RandomStream random) {
        List<Shot.View> views = new ArrayList<>();
        if (random.nextDouble() >= 0.02) {
            views.add(random.nextDouble() < 0.5 ? Shot.View.AP : Shot.View.PA);
            if (random.nextDouble() < 0.15) {
                views.add(Shot.View.AP);
            }
        }
        if (views.isEmpty() || random.nextDouble() < 0.3) {
            views.add(Shot.View.LATERAL);
        }
        List<Image> images = new ArrayList<>();
        for (Shot.View view : views) {
            int shortest = config.imageSize();
            int width = shortest + random.bounded(shortest / 8 + 1);
            int height = shortest + shortest / 4 - random.bounded(shortest / 8 + 1);
            images.add(new Image(dicomId(random), new Shot(images.size(), view, width, height)));
        }
        return images;
    }

    private static String dicomId(RandomStream random) {
        StringBuilder id = new StringBuilder();
        for (int group = 0; group < 5; group++) {
            id.append(group == 0 ? "" : "-").append(String.format(Locale.ROOT, "%08x", (int) random.nextLong()));
        }
        return id.toString();
    }
}
