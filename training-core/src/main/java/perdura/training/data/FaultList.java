package perdura.training.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Collects the faults of a data set: keeps the first {@value DataReport#FAULTS_SHOWN}, counts all. */
final class FaultList {
    private final List<DataFault> first = new ArrayList<>();
    private long count;

    void add(Path file, String reason) {
        add(new DataFault(file.toString(), reason));
    }

    void add(Path file, long line, String reason) {
        add(new DataFault(file + ":" + line, reason));
    }

    void add(DataFault fault) {
        count++;
        if (first.size() < DataReport.FAULTS_SHOWN) {
            first.add(fault);
        }
    }

    List<DataFault> first() {
        return first;
    }

    long count() {
        return count;
    }

    /** @throws PerduraException INVALID_DATA with all faults kept, if there is one */
    void throwIfAny(Path root) {
        if (count == 0) {
            return;
        }
        String lines = first.stream().map(fault -> "\n  " + fault).collect(Collectors.joining());
        String rest = count > first.size() ? "\n  and " + (count - first.size()) + " more" : "";
        throw new PerduraException(
                ErrorCode.INVALID_DATA,
                "data set " + root + " has " + count + (count == 1 ? " fault:" : " faults:") + lines + rest);
    }
}
