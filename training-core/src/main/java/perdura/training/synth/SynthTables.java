package perdura.training.synth;

import java.util.List;
import java.util.Locale;
import perdura.training.synth.SyntheticStudy.ReportForm;
import perdura.training.synth.SyntheticStudy.SyntheticImage;

/** The CSV tables of MIMIC-CXR-JPG 2.0.0, with all their columns (prior.md 1.1). */
final class SynthTables {
    private static final String METADATA_HEADER = "dicom_id,subject_id,study_id,PerformedProcedureStepDescription,"
            + "ViewPosition,Rows,Columns,StudyDate,StudyTime,ProcedureCodeSequence_CodeMeaning,"
            + "ViewCodeSequence_CodeMeaning,PatientOrientationCodeSequence_CodeMeaning\n";
    private static final String SPLIT_HEADER = "dicom_id,study_id,subject_id,split\n";
    private static final String LABEL_HEADER = "subject_id,study_id,Atelectasis,Cardiomegaly,Consolidation,Edema,"
            + "Enlarged Cardiomediastinum,Fracture,Lung Lesion,Lung Opacity,No Finding,Pleural Effusion,Pleural Other,"
            + "Pneumonia,Pneumothorax,Support Devices\n";

    private SynthTables() {}

    static String metadata(List<SyntheticStudy> studies) {
        StringBuilder out = new StringBuilder(METADATA_HEADER);
        for (SyntheticStudy study : studies) {
            for (SyntheticImage image : study.images()) {
                String view = image.isFrontal() ? "antero-posterior" : "lateral";
                out.append(String.join(
                                ",",
                                image.dicomId(),
                                study.patientId(),
                                study.studyId(),
                                image.isFrontal() ? "CHEST (PORTABLE AP)" : "\"CHEST (PA, LAT)\"",
                                image.view(),
                                Integer.toString(image.height()),
                                Integer.toString(image.width()),
                                Integer.toString(21_000_101 + study.index() % 28),
                                String.format(
                                        Locale.ROOT, "%06d.%03d", 80_000 + study.index() % 6000, study.index() % 1000),
                                image.isFrontal() ? "CHEST (PORTABLE AP)" : "\"CHEST (PA, LAT)\"",
                                view,
                                "Erect"))
                        .append('\n');
            }
        }
        return out.toString();
    }

    static String splits(List<SyntheticStudy> studies) {
        StringBuilder out = new StringBuilder(SPLIT_HEADER);
        for (SyntheticStudy study : studies) {
            for (SyntheticImage image : study.images()) {
                out.append(String.join(
                                ",",
                                image.dicomId(),
                                study.studyId(),
                                study.patientId(),
                                study.split().fileName()))
                        .append('\n');
            }
        }
        return out.toString();
    }

    /** 1.0 for what is there, empty for what isn't named; studies without a report have no row. */
    static String labels(List<SyntheticStudy> studies) {
        StringBuilder out = new StringBuilder(LABEL_HEADER);
        for (SyntheticStudy study : studies) {
            if (study.form() == ReportForm.MISSING) {
                continue;
            }
            out.append(String.join(
                            ",",
                            study.patientId(),
                            study.studyId(),
                            label(study, Finding.ATELECTASIS),
                            label(study, Finding.CARDIOMEGALY),
                            label(study, Finding.CONSOLIDATION),
                            label(study, Finding.EDEMA),
                            "",
                            "",
                            "",
                            label(study, Finding.CONSOLIDATION),
                            study.findings().isEmpty() ? "1.0" : "",
                            label(study, Finding.EFFUSION),
                            "",
                            "",
                            label(study, Finding.PNEUMOTHORAX),
                            ""))
                    .append('\n');
        }
        return out.toString();
    }

    private static String label(SyntheticStudy study, Finding finding) {
        return study.findings().stream().anyMatch(f -> f.finding() == finding) ? "1.0" : "";
    }
}
