package perdura.training.tasks.pair;

import java.util.Arrays;
import java.util.List;
import perdura.datasets.data.DataSet;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.datasets.split.chexpert.ChexpertTable;
import perdura.datasets.split.chexpert.Mentions;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;

/**
 * Which of the five findings a sample of a data set shows alone (prior.md 4.3): that one is positive and every other of the
 * fourteen but No Finding is 0 or blank. The samples of a 5x200 set have been chosen so already.
 */
public final class FindingClasses {
    /** Their names, in the order of {@link ChexpertFinding#FIVE}. */
    public static final List<String> NAMES =
            ChexpertFinding.FIVE.stream().map(ChexpertFinding::column).toList();

    private static final int NONE = -1;

    private final int[] classes;

    private FindingClasses(int[] classes) {
        this.classes = classes;
    }

    /**
     * The classes of all samples. Of CheXpert, {@code train.csv} alone has some.
     *
     * @param path of the parameter that names the data set, for messages
     * @throws PerduraException INVALID_SPEC if the set has neither the fourteen labels nor the five
     */
    public static FindingClasses of(DataSet data, String path) {
        int rows = Math.toIntExact(data.size());
        int[] classes = new int[rows];
        List<String> labels = data.header().labels();
        boolean isChosen = labels.equals(NAMES);
        boolean isChexpert = data.header().set() == SourceSet.CHEXPERT;
        if (!isChosen && !labels.equals(all())) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    path + ": data set " + data.header().digest() + " ("
                            + data.header().set().word() + ") has no labels of the five findings; take one of"
                            + " chexpert-5x200, chexpert, or mimic-cxr with its table of labels");
        }
        for (int row = 0; row < rows; row++) {
            if (isChosen) {
                classes[row] = chosen(data, row);
            } else if (isChexpert && !isOfTrain(data.sampleId(row))) {
                classes[row] = NONE;
            } else {
                classes[row] = alone(data, row);
            }
        }
        return new FindingClasses(classes);
    }

    private static List<String> all() {
        return Arrays.stream(ChexpertFinding.values())
                .map(ChexpertFinding::column)
                .toList();
    }

    private static boolean isOfTrain(String sampleId) {
        return ChexpertTable.Image.parse(sampleId)
                .filter(image -> image.table() == ChexpertTable.Source.TRAIN)
                .isPresent();
    }

    private static int chosen(DataSet data, int row) {
        for (int i = 0; i < NAMES.size(); i++) {
            if (data.label(row, i) == 1) {
                return i;
            }
        }
        return NONE;
    }

    private static int alone(DataSet data, int row) {
        Mentions mentions = data.mentions(row);
        for (int i = 0; i < NAMES.size(); i++) {
            if (mentions.isOnly(ChexpertFinding.FIVE.get(i))) {
                return i;
            }
        }
        return NONE;
    }

    /** Number of a sample's class in {@link #NAMES}, or -1. */
    public int of(int row) {
        return classes[row];
    }

    /** Samples. */
    public int size() {
        return classes.length;
    }
}
