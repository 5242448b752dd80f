package perdura.datasets.split.chexpert;

/**
 * One row of {@code train.csv} or {@code valid.csv}.
 *
 * @param number of the row in its file, from 0, without the header
 */
public record ChexpertRow(ChexpertImage image, int number, View view, Mentions mentions) {
    /** The column Frontal/Lateral. */
    public enum View {
        FRONTAL,
        LATERAL
    }
}
