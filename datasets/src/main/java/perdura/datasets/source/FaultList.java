package perdura.datasets.source;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import perdura.grids.spec.Amount;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;

/** Collects the faults of a data set: hands each on, keeps the first {@value #SHOWN}, and counts all by reason. Not thread-safe. */
public final class FaultList {
    /** Faults that a message names one by one. */
    public static final int SHOWN = 20;

    private final Consumer<DataFault> each;
    private final List<DataFault> first = new ArrayList<>();
    private final Reasons reasons = new Reasons();
    private long count;

    public FaultList() {
        this(fault -> {});
    }

    /** @param each is handed every fault as it is found */
    public FaultList(Consumer<DataFault> each) {
        this.each = each;
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
        reasons.add(fault.reason());
        if (first.size() < SHOWN) {
            first.add(fault);
        }
        each.accept(fault);
    }

    /** The first {@value #SHOWN}, in the order of their finding. */
    public List<DataFault> first() {
        return List.copyOf(first);
    }

    /** All of them. */
    public long count() {
        return count;
    }

    /**
     * How often there is each reason, the most frequent first. Reasons that differ in their values alone are one, with an
     * ellipsis for a value that differs.
     */
    public Map<String, Long> countsByReason() {
        return reasons.counts();
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
                ErrorCode.INVALID_DATA, what + " has " + Amount.of(count, "fault") + ":" + lines + rest);
    }

    /** Counts reasons. Of more than so many kinds the rest is counted together. */
    private static final class Reasons {
        static final String ANY = "\u2026";

        private static final int MOST = 100;
        private static final String OTHER = "other reasons";
        /** What may differ from fault to fault: quoted text, and words with a digit or a slash. */
        private static final Pattern VALUE = Pattern.compile("'[^']*'|[^\\s,;:()]*[0-9/][^\\s,;:()]*");

        private final Map<String, Kind> kinds = new LinkedHashMap<>();

        /** Reasons that differ in their values alone. */
        private static final class Kind {
            private final List<String> values;
            private long count;

            Kind(List<String> values) {
                this.values = new ArrayList<>(values);
            }
        }

        void add(String reason) {
            Matcher found = VALUE.matcher(reason);
            List<String> values = found.results().map(MatchResult::group).toList();
            String text = found.replaceAll("\0");
            if (kinds.size() >= MOST && !kinds.containsKey(text)) {
                text = OTHER;
                values = List.of();
            }
            Kind kind = kinds.get(text);
            if (kind == null) {
                kind = new Kind(values);
                kinds.put(text, kind);
            }
            kind.count++;
            for (int i = 0; i < values.size(); i++) {
                if (!values.get(i).equals(kind.values.get(i))) {
                    kind.values.set(i, values.get(i).startsWith("'") ? "'" + ANY + "'" : ANY);
                }
            }
        }

        Map<String, Long> counts() {
            Map<String, Long> counts = new LinkedHashMap<>();
            kinds.entrySet().stream()
                    .sorted(Comparator.comparingLong(entry -> -entry.getValue().count))
                    .forEach(entry -> counts.merge(
                            filled(entry.getKey(), entry.getValue().values), entry.getValue().count, Long::sum));
            return counts;
        }

        private static String filled(String text, List<String> values) {
            StringBuilder filled = new StringBuilder();
            int next = 0;
            for (int i = 0; i < text.length(); i++) {
                char letter = text.charAt(i);
                filled.append(letter == 0 ? values.get(next++) : String.valueOf(letter));
            }
            return filled.toString();
        }
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
