package perdura.training.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
import perdura.training.weights.WeightManifest.LeftOut;
import perdura.training.weights.file.FileTensor;

/**
 * What looking through a file's tensors gives.
 *
 * @param taken what is taken, by its name in the imported file, sorted
 * @param skipped what is not, and why
 * @param initial tensors of the model that the file lacks, and that the model does without
 * @param problems what is wrong
 */
record ImportIssues(
        String file,
        SortedMap<String, FileTensor> taken,
        List<LeftOut> skipped,
        List<LeftOut> initial,
        List<String> problems) {
    private static final int SHOWN_PROBLEMS = 20;

    ImportIssues(String file) {
        this(PlainText.line(file), new TreeMap<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    void take(String name, FileTensor tensor) {
        taken.put(name, tensor);
    }

    void skip(String name, String reason) {
        skipped.add(new LeftOut(name, reason));
    }

    /** A tensor of the model that the file lacks, and that the model does without. */
    void leaveInitial(String name, String reason) {
        initial.add(new LeftOut(name, reason));
    }

    void problem(String text) {
        problems.add(PlainText.line(text));
    }

    /** @throws PerduraException INVALID_WEIGHTS with every problem, a line each */
    void throwIfAny() {
        if (!problems.isEmpty()) {
            List<String> lines = new ArrayList<>(problems.subList(0, Math.min(SHOWN_PROBLEMS, problems.size())));
            if (problems.size() > SHOWN_PROBLEMS) {
                lines.add("and " + (problems.size() - SHOWN_PROBLEMS) + " more");
            }
            throw new PerduraException(ErrorCode.INVALID_WEIGHTS, file + ": " + String.join("\n", lines));
        }
    }

    PerduraException refusal(String reason) {
        return new PerduraException(ErrorCode.INVALID_WEIGHTS, PlainText.line(file + ": " + reason));
    }
}
