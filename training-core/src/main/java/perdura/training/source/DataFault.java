package perdura.training.source;

/**
 * Something in a data set that is wrong and must be put right before a training.
 *
 * @param place file, with its line where it has lines
 * @param reason the value found and what would be right; never a line of a report
 */
public record DataFault(String place, String reason) {
    @Override
    public String toString() {
        return place + ": " + reason;
    }
}
