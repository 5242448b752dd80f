package perdura.datasets.synth;

import java.util.ArrayList;
import java.util.List;
import perdura.datasets.seeds.RandomStream;

/** Lays a report out as the real ones are: headers behind a blank, lines of 79, de-identified spans, list numbers. */
final class SynthReport {
    private static final int LINE = 79;

    private final RandomStream random;
    private final MimicStudy study;
    private final StringBuilder out = new StringBuilder();

    private SynthReport(SynthConfig config, MimicStudy study) {
        this.study = study;
        this.random =
                study.patient().stream(config, "synth-report", study.visit().number());
    }

    /** The text of a study's report; of no use for the form {@code MISSING}. */
    static String of(SynthConfig config, MimicStudy study) {
        SynthReport text = new SynthReport(config, study);
        text.write();
        return text.out.toString();
    }

    private void write() {
        ReportGrammar.Told told = ReportGrammar.tell(study.visit(), study.mentions(), random);
        preamble();
        switch (study.form()) {
            case BOTH_SECTIONS -> {
                section(pick("FINDINGS", "FINDINGS", "FINDNGS", "CHEST, PA AND LATERAL"), told.findings());
                impression(told.impression());
            }
            case FINDINGS_ONLY -> section("FINDINGS", joined(told.findings(), told.impression()));
            case ONE_JOINT_SECTION ->
                section(
                        pick("FINDINGS AND IMPRESSION", "IMPRESSION", "FINDINGS/IMPRESSION"),
                        joined(told.impression(), told.findings()));
            case REPEATED_SECTION -> {
                section("FINDINGS", List.of("See the final read below."));
                section("FINDINGS", told.findings());
                section("FINDINGS", List.of());
                impression(joined(told.impression(), told.findings().subList(0, 1)));
            }
            case BARE_IMPRESSION -> impression(ReportGrammar.conclude(study.visit(), study.mentions(), random));
            case TOO_SHORT -> impression(told.impression().subList(0, 1));
            case NO_SECTION, MISSING -> section("WET READ", told.findings());
        }
        if (random.nextDouble() < 0.2) {
            section("NOTIFICATION", List.of("The above was discussed with Dr. ___ at 9:15 a.m. on ___."));
        }
    }

    private void preamble() {
        out.append(" ".repeat(33)).append("FINAL REPORT\n");
        if (random.nextDouble() < 0.8) {
            section(
                    "EXAMINATION",
                    List.of(pick("Chest radiograph.", "Chest, AP portable.", "Chest (PA and lateral).")));
        }
        section(
                pick("INDICATION", "HISTORY", "CLINICAL INFORMATION"),
                List.of(pick("___ year old patient with cough.", "___M with fever, ? pneumonia.", "Dyspnea.")));
        if (random.nextDouble() < 0.5) {
            section("COMPARISON", List.of(pick("None.", "Radiograph of ___.", "___.")));
        }
    }

    /** A part of the impressions is a numbered list. */
    private void impression(List<String> sentences) {
        List<String> numbered = new ArrayList<>(sentences);
        if (random.nextDouble() < 0.4) {
            for (int i = 0; i < numbered.size(); i++) {
                numbered.set(i, (i + 1) + ". " + numbered.get(i));
            }
        }
        section(pick("IMPRESSION", "IMPRESSION", "IMPRESSON", "CONCLUSION"), numbered);
    }

    private void section(String header, List<String> sentences) {
        out.append(' ').append(header).append(": ");
        boolean apart = random.nextDouble() < 0.5;
        if (apart) {
            out.append("\n \n ");
        }
        int column = apart ? 1 : header.length() + 3;
        for (String sentence : sentences) {
            for (String word : sentence.split(" ", -1)) {
                if (column + word.length() > LINE) {
                    out.append("\n ");
                    column = 1;
                }
                out.append(word).append(' ');
                column += word.length() + 1;
            }
            out.append(' ');
            column++;
        }
        out.append("\n \n");
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private String pick(String... choices) {
        return choices[random.bounded(choices.length)];
    }
}
