package perdura.datasets.split.chexpert;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** The faults of one list file: the first {@value #SHOWN}, all counted. */
final class ListFaults {
    private static final int SHOWN = 20;

    private final Path file;
    private final List<String> first = new ArrayList<>();
    private int count;

    ListFaults(Path file) {
        this.file = file;
    }

    void add(long line, String reason) {
        addText(file + ":" + line + ": " + reason);
    }

    void add(String reason) {
        addText(file + ": " + reason);
    }

    /** @throws PerduraException INVALID_DATA if there is a fault */
    void throwIfAny() {
        if (count > 0) {
            String rest = count > first.size() ? "\nand " + (count - first.size()) + " more faults" : "";
            throw new PerduraException(ErrorCode.INVALID_DATA, String.join("\n", first) + rest);
        }
    }

    private void addText(String text) {
        count++;
        if (first.size() < SHOWN) {
            first.add(text);
        }
    }
}
