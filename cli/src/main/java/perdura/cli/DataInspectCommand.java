package perdura.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.cli.words.Terminal;
import perdura.datasets.ingest.DataReport;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.ingest.ReportText;
import perdura.datasets.source.FaultList.DataFault;
import perdura.grids.spec.SourceSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks at a data set. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = {
            "Look at every file of a data set, and write nothing: what an ingest would keep, what is wrong, and the digest.",
            "Exits with 1 if anything is wrong."
        })
final class DataInspectCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "DIR", description = "folder of the data set, or a zip file of it")
    private @Nullable Path folder;

    @Option(names = "--format", paramLabel = "SET", description = "which data set it is; default: ${DEFAULT-VALUE}")
    private SourceSet format = SourceSet.MIMIC_CXR;

    @Mixin
    private IngestFlags flags = new IngestFlags();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    DataInspectCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        DataReport report = Ingest.inspect(flags.ingest(format, Objects.requireNonNull(folder)));
        if (json) {
            Map<String, @Nullable Object> all = new LinkedHashMap<>();
            all.put("digest", report.samples() > 0 ? report.digest() : null);
            all.put("report", report);
            terminal.result(Json.of(all));
        } else {
            terminal.result(ReportText.withoutFaults(report).stripTrailing());
            for (DataFault fault : report.faults()) {
                terminal.message(fault.toString());
            }
            long more = report.faultCount() - report.faults().size();
            if (more > 0) {
                terminal.message("and " + more + " more");
            }
        }
        return report.faultCount() == 0 ? 0 : 1;
    }
}
