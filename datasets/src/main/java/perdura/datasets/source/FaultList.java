package perdura.datasets.source;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;

/** Collects the faults of a data set: keeps the first so many, counts all. Not thread-safe. */
public final class FaultList {
    /** Faults that a message names one by one. */
    public static final int SHOWN = 20;

    private final int most;
    private final List<DataFault> first = new ArrayList<>();
    private long count;

    /** @param most faults that are kept */
    public FaultList(int most) {
        this.most = most;
    }

    public void add(String place, String reason) {
        add(new DataFault(place, reason));
    }

    public void add(CsvTable.Row row, String reason) {
        add(row.place(), reason);
    }

    /** @param line from 1 */
    public void add(String file, long line, String reason) {
        add(new DataFault(file + ":" + line, reason));
    }

    public void add(DataFault fault) {
        count++;
        if (first.size() < most) {
            first.add(fault);
        }
    }

    /**
     * Adds the faults of another list.
     *
     * @param others those of them that are kept
     * @param all their count
     */
    public void addAll(List<DataFault> others, long all) {
        others.forEach(this::add);
        count += all - others.size();
    }

    /** The kept ones, in the order of their finding. */
    public List<DataFault> first() {
        return List.copyOf(first);
    }

    /** All of them. */
    public long count() {
        return count;
    }

    /**
     * Refuses what has faults.
     *
     * @param what for people, for instance a data set and its folder
     * @throws PerduraException INVALID_DATA that names the first {@value #SHOWN}, if there is one
     */
    public void throwIfAny(String what) {
        if (count > 0) {
            throw refusal(what, first, count);
        }
    }

    /** The refusal of something for its faults, of which some are at hand. */
    public static PerduraException refusal(String what, List<DataFault> first, long count) {
        String lines = first.stream().limit(SHOWN).map(fault -> "\n  " + fault).collect(Collectors.joining());
        long more = count - Math.min(SHOWN, first.size());
        String rest = more > 0 ? "\n  and " + more + " more" : "";
        return new PerduraException(
                ErrorCode.INVALID_DATA, what + " has " + count + (count == 1 ? " fault:" : " faults:") + lines + rest);
    }

    /**
     * Something in a data set that is wrong and must be put right before a training.
     *
     * @param place file, with its line where it has lines
     * @param reason the value found and what would be right; never a line of a report
     */
    public record DataFault(String place, String reason) {
        private static final int LONGEST = 1_000;

        /** On one line, whatever the names of files and the values are. */
        public DataFault {
            place = PlainText.cut(PlainText.line(place), LONGEST);
            reason = PlainText.cut(PlainText.line(reason), LONGEST);
        }

        /** A fault from a message that begins with its place and a colon. */
        public static DataFault ofMessage(String message) {
            int end = message.indexOf(": ");
            return end < 0
                    ? new DataFault("", message)
                    : new DataFault(message.substring(0, end), message.substring(end + 2));
        }

        @Override
        public String toString() {
            return place + ": " + reason;
        }
    }

    /** A part of a data set that can't be used. */
    public static final class FaultException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient DataFault fault;

        public FaultException(DataFault fault) {
            super(fault.toString());
            this.fault = fault;
        }

        public DataFault fault() {
            return fault;
        }
    }
}
