package perdura.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.cli.words.Terminal;
import perdura.grids.spec.DataSpec;
import perdura.training.data.DataFault;
import perdura.training.data.DataReport;
import perdura.training.data.MimicCxrReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks at a data set. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = {
            "Look at every file of a data set: what the filters leave, what is wrong, and its digest.",
            "Exits with 1 if anything is wrong."
        })
final class DataInspectCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "DIR", description = "folder of the data set")
    private @Nullable Path folder;

    @Option(names = "--format", description = "how it lies on disk; default: mimic-cxr")
    private DataFormat format = DataFormat.MIMIC_CXR;

    @Option(names = "--vocabulary", paramLabel = "FILE", description = "WordPiece vocabulary; default: DIR/vocab.txt")
    private @Nullable Path vocabulary;

    @Option(names = "--split", description = "train or all; default: train")
    private DataSpec.Split split = DataSpec.Split.TRAIN;

    @Option(
            names = "--min-sentences",
            paramLabel = "N",
            description = "fewer sentences leave a study out; default: ${DEFAULT-VALUE}")
    private int minSentences = 4;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    DataInspectCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Path root = Objects.requireNonNull(folder).toAbsolutePath().normalize();
        Path pieces = vocabulary == null ? root.resolve("vocab.txt") : vocabulary.toAbsolutePath();
        DataSpec spec = new DataSpec(format.layout(), root, pieces, split, minSentences);
        DataReport report = MimicCxrReader.inspect(spec);
        boolean sound = report.faultCount() == 0;
        String digest = sound && report.studies() > 0 ? DataCheck.check(spec).digest() : null;
        if (json) {
            Map<String, @Nullable Object> all = new LinkedHashMap<>();
            all.put("digest", digest);
            all.put("report", report);
            terminal.result(Json.of(all));
        } else {
            print(report, digest);
        }
        return sound ? 0 : 1;
    }

    private void print(DataReport report, @Nullable String digest) {
        Table table = new Table("WHAT", "COUNT");
        table.row("images listed", report.imagesListed());
        table.row("studies listed", report.studiesListed());
        report.leftOut().forEach((reason, count) -> table.row("left out: " + reason.description(), count));
        table.row("studies for training", report.studies());
        table.row("patients", report.patients());
        table.row("images", report.images());
        table.row("sentences", report.sentences());
        table.row("faults", report.faultCount());
        terminal.result(table.toString());
        if (digest != null) {
            terminal.result("digest " + digest);
        }
        for (DataFault fault : report.faults()) {
            terminal.message(fault.toString());
        }
        long more = report.faultCount() - report.faults().size();
        if (more > 0) {
            terminal.message("and " + more + " more");
        }
    }
}
