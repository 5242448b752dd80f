package perdura.training.data;

import java.nio.file.Path;
import java.util.List;

/**
 * One sample: the frontal images of a study and the sentences of its report.
 *
 * @param studyId {@code s} and the number, as the folder is named
 * @param patientId {@code p} and the number, as the folder is named
 * @param images absolute paths, sorted, not empty
 * @param sentences those of the impression, then those of the findings
 */
public record Study(String studyId, String patientId, OfficialSplit split, List<Path> images, List<String> sentences) {
    public Study {
        images = List.copyOf(images);
        sentences = List.copyOf(sentences);
    }

    /** Ids and counts alone: the sentences are a patient's and stay out of logs. */
    @Override
    public String toString() {
        return "Study[" + studyId + ", " + patientId + ", " + split + ", " + images.size() + " images, "
                + sentences.size() + " sentences]";
    }
}
