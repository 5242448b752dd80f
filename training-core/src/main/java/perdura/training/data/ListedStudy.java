package perdura.training.data;

import java.util.List;

/**
 * A study as the tables list it, before its files are opened.
 *
 * @param studyId digits
 * @param patientId digits
 * @param frontalImages dicom ids of its AP and PA images, sorted
 */
record ListedStudy(String studyId, String patientId, OfficialSplit split, List<String> frontalImages) {
    ListedStudy {
        frontalImages = frontalImages.stream().sorted().toList();
    }

    /** The folder of the patient below {@code files}. */
    String patientFolder() {
        return "p" + patientId.substring(0, 2) + "/p" + patientId;
    }
}
