package perdura.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.split.Split;
import perdura.grids.spec.SplitSpec;
import perdura.store.StoredDataSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows how a data set is split. */
@Command(
        name = "split",
        description = {
            "Show the parts of a split of an ingested data set: sizes, digests, or the ids of one part.",
            "A split is a function of the data set, the method and the seed; nothing is kept."
        })
final class DataSplitCommand extends Subcommand.Connected {
    @Parameters(index = "0", paramLabel = "NAME", description = "name or digest of the data set")
    private @Nullable String data;

    @Option(
            names = "--method",
            required = true,
            description = "official, ratio_622, held_out (70/15/15), folds, chexpert_prior or chexpert_gloria")
    private SplitSpec.@Nullable Method method;

    @Option(names = "--seed", paramLabel = "S", description = "default: 114514, of held_out 0")
    private @Nullable Long seed;

    @Option(names = "--fold", paramLabel = "K", description = "folds: which one tests, 0 to 4; default: 0")
    private int fold;

    @Option(names = "--by-patient", description = "keep all samples of a patient in one part")
    private boolean byPatient;

    @Option(names = "--fraction", paramLabel = "F", description = "share of the training part; default: 1")
    private double fraction = 1;

    @Option(names = "--fraction-rule", description = "stratified by label, or plain; default: stratified")
    private SplitSpec.FractionRule fractionRule = SplitSpec.FractionRule.STRATIFIED;

    @Option(names = "--ids", paramLabel = "PART", description = "print the ids of train, validation or test")
    private @Nullable String part;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    int run(Connections connections) {
        SplitSpec wanted = wanted();
        StoredDataSet found = connections.dataSets().loadDataSet(Objects.requireNonNull(data));
        DataSetSplits splits = new DataSetSplits(DataSet.open(found.folder()));
        Split split = splits.make(wanted, splits.samples().rows());
        if (part != null) {
            printIds(splits, split, part);
        } else if (json) {
            terminal.result(Json.of(split.summary()));
        } else {
            Table table = new Table("PART", "SAMPLES", "DIGEST");
            split.parts().forEach((name, it) -> table.row(name, it.rows().size(), it.digest()));
            terminal.result(table.toString());
            terminal.result("split " + split.digest());
        }
        return 0;
    }

    private void printIds(DataSetSplits splits, Split split, String wanted) {
        if (!split.parts().containsKey(wanted)) {
            throw wrong("--ids: the split has no part '" + wanted + "', it has "
                    + split.parts().keySet());
        }
        split.rows(wanted).stream()
                .forEach(row -> terminal.result(splits.samples().ids().get(row)));
    }

    private SplitSpec wanted() {
        SplitSpec.Method chosen = Objects.requireNonNull(method);
        long standard = chosen == SplitSpec.Method.HELD_OUT ? 0 : 114_514;
        try {
            return new SplitSpec(chosen, seed == null ? standard : seed, fold, byPatient, fraction, fractionRule);
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        }
    }
}
