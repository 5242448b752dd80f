package perdura.training.data;

import java.util.List;
import perdura.training.text.Vocabulary;

/**
 * The studies of a data set that pass its filters.
 *
 * @param studies in the order of their ids, not empty
 * @param vocabulary for the reports
 * @param report what was found and what was left out
 * @param digest SHA-256 of all that a training can see: ids, splits, sentences, image files, vocabulary; no paths
 */
public record StudyIndex(List<Study> studies, Vocabulary vocabulary, DataReport report, String digest) {
    public StudyIndex {
        studies = List.copyOf(studies);
    }
}
