package perdura.datasets.source;

/**
 * Something in a data set that is wrong and must be put right before a training.
 *
 * @param place file, with its line where it has lines
 * @param reason the value found and what would be right; never a line of a report
 */
public record DataFault(String place, String reason) {
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
