package perdura.datasets.synth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import perdura.datasets.synth.MimicStudy.ReportForm;

/** The layout of MIMIC-CXR-JPG 2.0.0 with the reports of MIMIC-CXR beside the image folders (prior.md 1.1). */
final class MimicCxrLayout extends SetLayout {
    private static final String METADATA_HEADER = "dicom_id,subject_id,study_id,PerformedProcedureStepDescription,"
            + "ViewPosition,Rows,Columns,StudyDate,StudyTime,ProcedureCodeSequence_CodeMeaning,"
            + "ViewCodeSequence_CodeMeaning,PatientOrientationCodeSequence_CodeMeaning\n";

    MimicCxrLayout(Path folder, SynthConfig config) {
        super(folder, config);
    }

    @Override
    List<Table> tables() {
        return List.of(
                new Table("mimic-cxr-2.0.0-metadata.csv.gz", METADATA_HEADER),
                new Table("mimic-cxr-2.0.0-split.csv.gz", "dicom_id,study_id,subject_id,split\n"),
                new Table(
                        "mimic-cxr-2.0.0-chexpert.csv.gz",
                        "subject_id,study_id," + String.join(",", LabelColumns.MIMIC_CXR) + "\n"));
    }

    @Override
    void begin() throws IOException {
        Files.writeString(folder.resolve(MimicCxrSynth.VOCABULARY), vocabulary());
    }

    @Override
    List<String> write(Patient patient) throws IOException {
        StringBuilder truth = new StringBuilder();
        StringBuilder metadata = new StringBuilder();
        StringBuilder splits = new StringBuilder();
        StringBuilder labels = new StringBuilder();
        for (Visit visit : patient.visits()) {
            MimicStudy study = MimicStudy.draw(config, patient, visit);
            truth.append(truth(study, writeFiles(study)));
            for (MimicStudy.Image image : study.images()) {
                metadata.append(metadataRow(study, image));
                splits.append(row(image.dicomId(), study.studyId(), study.patientId(), study.split()));
            }
            if (study.form() != ReportForm.MISSING) {
                labels.append(row(
                        study.patientId(),
                        study.studyId(),
                        new LabelColumns(study.mentions()).row(LabelColumns.MIMIC_CXR)));
            }
        }
        return List.of(truth.toString(), metadata.toString(), splits.toString(), labels.toString());
    }

    private List<DrawnImage> writeFiles(MimicStudy study) throws IOException {
        Path patient = folder.resolve("files")
                .resolve("p" + study.patientId().substring(0, 2))
                .resolve("p" + study.patientId());
        Path images = Files.createDirectories(patient.resolve("s" + study.studyId()));
        if (study.form() != ReportForm.MISSING) {
            Files.writeString(patient.resolve("s" + study.studyId() + ".txt"), SynthReport.of(config, study));
        }
        List<DrawnImage> drawn = new ArrayList<>();
        for (MimicStudy.Image image : study.images()) {
            DrawnImage pixels = ChestDrawing.draw(config, study.patient(), study.visit(), image.shot());
            Files.write(images.resolve(image.dicomId() + ".jpg"), pixels.toJpeg());
            drawn.add(pixels);
        }
        return drawn;
    }

    private static String truth(MimicStudy study, List<DrawnImage> drawn) {
        SynthTruth truth = new SynthTruth(study.patient(), study.visit())
                .with("study_id", study.studyId())
                .with("subject_id", study.patientId())
                .with("split", study.split())
                .told(study.mentions());
        for (int i = 0; i < drawn.size(); i++) {
            MimicStudy.Image image = study.images().get(i);
            truth.image("dicom_id", image.dicomId(), image.shot(), drawn.get(i));
        }
        return truth.line();
    }

    private static String metadataRow(MimicStudy study, MimicStudy.Image image) {
        Shot shot = image.shot();
        String procedure = shot.isFrontal() ? "CHEST (PORTABLE AP)" : "\"CHEST (PA, LAT)\"";
        int patient = study.patient().number();
        return row(
                image.dicomId(),
                study.patientId(),
                study.studyId(),
                procedure,
                shot.view().name(),
                Integer.toString(shot.height()),
                Integer.toString(shot.width()),
                Integer.toString(
                        21_000_101 + patient % 28 + 10_000 * study.visit().number()),
                String.format(Locale.ROOT, "%06d.%03d", 80_000 + patient % 6000, patient % 1000),
                procedure,
                viewWord(shot.view()),
                "Erect");
    }

    private static String viewWord(Shot.View view) {
        return switch (view) {
            case AP -> "antero-posterior";
            case PA -> "postero-anterior";
            case LATERAL -> "lateral";
        };
    }

    private static String row(String... fields) {
        return String.join(",", fields) + "\n";
    }

    /**
     * A small WordPiece vocabulary in BERT's cased numbering: [PAD], 99 unused pieces, the other four special pieces, single
     * characters, then the words of the grammar. Two long words come in two pieces, as in the real vocabulary. The file's text has one piece a line; it doesn't
     * depend on a seed.
     */
    private static String vocabulary() {
        Set<String> pieces = new LinkedHashSet<>();
        pieces.add("[PAD]");
        for (int i = 1; i < 100; i++) {
            pieces.add("[unused" + i + "]");
        }
        pieces.addAll(List.of("[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        for (char c = '!'; c <= '~'; c++) {
            if (c < 'A' || c > 'Z') {
                pieces.add(String.valueOf(c));
            }
        }
        for (char c = 'a'; c <= 'z'; c++) {
            pieces.add("##" + c);
        }
        for (char c = '0'; c <= '9'; c++) {
            pieces.add("##" + c);
        }
        SortedSet<String> words = ReportPhrases.words();
        words.removeAll(List.of("cardiomegaly", "pneumothorax"));
        pieces.addAll(words);
        pieces.addAll(List.of("cardio", "##megaly", "pneumo", "##thorax"));
        return String.join("\n", pieces) + "\n";
    }
}
