package perdura.datasets.split.chexpert;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image's place in CheXpert, read from the {@code Path} of a table or of a list.
 *
 * @param path below the data set's folder, for instance {@code train/patient00001/study1/view1_frontal.jpg}
 * @param table whose folder it is in
 * @param patient for instance {@code patient00001}
 */
public record ChexpertImage(String path, ChexpertTable.Source table, String patient) {
    private static final Pattern PATH =
            Pattern.compile("(?:[^/]+/)?((train|valid)/(patient[0-9]+)/study[0-9]+/[^/]+\\.jpg)");

    /** Reads a path with or without the name of the data set's folder in front; nothing if it is none of CheXpert. */
    public static Optional<ChexpertImage> parse(String path) {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        ChexpertTable.Source table =
                matcher.group(2).equals("train") ? ChexpertTable.Source.TRAIN : ChexpertTable.Source.VALID;
        return Optional.of(new ChexpertImage(matcher.group(1), table, matcher.group(3)));
    }
}
