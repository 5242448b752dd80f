package perdura.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.cli.words.LiveLines;
import perdura.cli.words.Table;
import perdura.cli.words.Terminal;
import perdura.cli.words.Times;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetMembers;
import perdura.datasets.data.SplitRows;
import perdura.datasets.ingest.DataReport;
import perdura.datasets.ingest.FaultFile;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.ingest.ReportText;
import perdura.datasets.source.FaultList.DataFault;
import perdura.datasets.split.leak.LeakCheck;
import perdura.datasets.split.leak.LeakReport;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Verb;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.Amount;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;
import perdura.grids.spec.SourceSet;
import perdura.store.DataSets;
import perdura.store.Ingests;
import perdura.store.StoredDataSet;
import perdura.store.StoredIngest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands that show data sets, and files before they become one. */
final class DataCommands {
    private DataCommands() {}

    /** Lists ingested data sets. */
    @Command(name = "list", description = "List ingested data sets, newest first.")
    static final class Listing extends Subcommand.Connected {
        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        int run(Connections connections) {
            List<StoredDataSet> all = connections.dataSets().listDataSets();
            if (json) {
                terminal.result(Json.of(all));
                return 0;
            }
            Table table = new Table("NAME", "DIGEST", "SET", "PROFILE", "SIZE", "SAMPLES", "IMAGES", "INGESTED");
            for (StoredDataSet data : all) {
                table.row(
                        data.names().isEmpty() ? "-" : String.join(", ", data.names()),
                        data.digest().substring(0, 12),
                        data.source().sourceSet(),
                        data.source().profile(),
                        data.source().imageSize(),
                        data.size().samples(),
                        data.size().images(),
                        Times.of(data.recordedAt()));
            }
            terminal.result(table.toString());
            return 0;
        }
    }

    /** Ends an ingest that runs. */
    @Command(
            name = "cancel",
            description = {
                "Cancel an ingest that runs.",
                "What is done is kept: the same 'perdura data ingest' goes on from there."
            })
    static final class Cancel extends Subcommand.Changing {
        @Parameters(
                index = "0",
                paramLabel = "INGEST",
                description = "its id, as --detach prints it, or the name of the data set that it makes")
        private String ingest = "";

        @Override
        int run(Connections connections) {
            Thing thing = connections.things().require(Verb.CANCEL, ingest, EnumSet.of(Thing.Kind.INGEST));
            Ingests ingests = new Ingests(connections.database());
            StoredIngest found = ingests.load(thing.id());
            String id = found.identity().ingestId();
            ingests.fail(id, StoredIngest.CANCELLED, "the ingest was cancelled");
            connections.ingestStarter().cancel(id);
            terminal.message("Ingest " + id + " (" + found.identity().name()
                    + ") is cancelled; what is done is kept, and this goes on from there: " + thing.detail());
            return 0;
        }
    }

    /** Shows the report of an ingested data set. */
    @Command(
            name = "show",
            description = "Show what an ingest kept and left out, and where its report page and arrays lie.")
    static final class Show extends Subcommand.Connected {
        @Parameters(index = "0", paramLabel = "NAME", description = "name or digest of the data set")
        private @Nullable String data;

        @Option(names = "--json", description = "the report as JSON")
        private boolean json;

        @Override
        int run(Connections connections) {
            StoredDataSet found = connections.dataSets().loadDataSet(Objects.requireNonNull(data));
            ReportFiles files = new ReportFiles(found.folder());
            if (json) {
                terminal.result(Json.of(files.json()));
            } else {
                terminal.result(files.text().stripTrailing());
                terminal.message("Page: " + files.page());
                terminal.message("Arrays: " + files.folder());
                terminal.message("Faults, all of them: " + files.faults());
            }
            return 0;
        }
    }

    /** Looks at a data set. */
    @Command(
            name = "inspect",
            description = {
                "Look at every file of a data set, and write nothing: what an ingest would keep, what is wrong, and"
                        + " the digest.",
                "Exits with 1 if anything is wrong."
            })
    static final class Inspect extends Subcommand {
        private static final int REDRAW_EVERY = 50;

        @Parameters(index = "0", paramLabel = "DIR", description = "folder of the data set, or a zip file of it")
        private @Nullable Path folder;

        @Option(names = "--format", paramLabel = "SET", description = "which data set it is; default: ${DEFAULT-VALUE}")
        private SourceSet format = SourceSet.MIMIC_CXR;

        @Mixin
        private IngestFlags flags = new IngestFlags();

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            if (!json) {
                DataReport report = inspect(fault -> {});
                terminal.result(ReportText.withoutFaults(report).stripTrailing());
                for (DataFault fault : report.faults()) {
                    terminal.message(fault.toString());
                }
                long more = report.faultCount() - report.faults().size();
                if (more > 0) {
                    terminal.message("and " + more + " more; the same command with --json prints them all");
                }
                return status(report);
            }
            Path all = Files.createTempFile("perdura", FaultFile.NAME);
            try {
                DataReport report;
                try (FaultFile faults = new FaultFile(all)) {
                    report = inspect(faults);
                }
                print(report, all, terminal);
                return status(report);
            } finally {
                Files.delete(all);
            }
        }

        private static void print(DataReport report, Path all, Terminal terminal) throws IOException {
            FaultFile.read(all, faults -> {
                Map<String, @Nullable Object> printed = new LinkedHashMap<>();
                printed.put("digest", report.samples() > 0 ? report.digest() : null);
                Map<String, Object> fields = Json.fields(report);
                fields.put("faults", faults);
                printed.put("report", fields);
                Json.print(printed, terminal);
            });
        }

        private static int status(DataReport report) {
            return report.faultCount() == 0 ? 0 : ErrorPrinter.FAILED;
        }

        private DataReport inspect(Consumer<DataFault> each) {
            LiveLines live = new LiveLines(terminal);
            try {
                return Ingest.inspect(
                        flags.ingest(format, Objects.requireNonNull(folder)),
                        Runtime.getRuntime().availableProcessors(),
                        each,
                        (samples, all, faults) -> {
                            if (samples % REDRAW_EVERY == 0) {
                                live.show(looked(samples, all, faults));
                            }
                        });
            } finally {
                live.clear();
            }
        }

        private static String looked(long samples, long all, long faults) {
            String text = LiveLines.Bar.of((double) samples / all) + "  sample " + samples + "/" + all;
            return faults > 0 ? text + "  " + Amount.of(faults, "fault") : text;
        }
    }

    /** Compares two data sets. */
    @Command(
            name = "leaks",
            description = {
                "Tell which patients and images of a downstream data set a pre-training on another one would have"
                        + " seen.",
                "Exits with 1 if there are any. 'perdura pretrain' asks the same before it starts."
            })
    static final class Leaks extends Subcommand.Connected {
        @Parameters(index = "0", paramLabel = "TRAINED", description = "data set of the pre-training: name or digest")
        private @Nullable String trained;

        @Parameters(index = "1", paramLabel = "TESTED", description = "downstream data set: name or digest")
        private @Nullable String tested;

        @Option(names = "--split", description = "which official splits are trained on: train or all; default: train")
        private DataSpec.Split split = DataSpec.Split.TRAIN;

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        int run(Connections connections) {
            DataSet first = open(connections.dataSets(), Objects.requireNonNull(trained));
            DataSet second = open(connections.dataSets(), Objects.requireNonNull(tested));
            LeakReport report = LeakCheck.compare(
                    DataSetMembers.of(
                            first, trained, split.name().toLowerCase(Locale.ROOT), SplitRows.of(first, split)),
                    DataSetMembers.of(second, tested, "all images", SplitRows.of(second, DataSpec.Split.ALL)),
                    List.of());
            terminal.result(json ? Json.of(report) : report.message());
            return report.leaks() ? 1 : 0;
        }

        private static DataSet open(DataSets dataSets, String name) {
            return DataSet.open(dataSets.loadDataSet(name).folder());
        }
    }

    /**
     * The report of an ingested data set, which lies in its folder.
     *
     * @param folder of the data set
     */
    record ReportFiles(Path folder) {
        private static final ObjectMapper JSON = new ObjectMapper();

        String text() {
            return read("report.txt");
        }

        /** With the place of the file that has all faults. */
        JsonNode json() {
            Path file = folder.resolve("report.json");
            JsonNode report;
            try {
                report = JSON.readTree(read("report.json"));
            } catch (JsonProcessingException e) {
                throw damaged(file, e);
            }
            if (report instanceof ObjectNode fields) {
                return fields.put("faultsFile", faults().toString());
            }
            throw damaged(file, null);
        }

        Path faults() {
            return folder.resolve(FaultFile.NAME);
        }

        Path page() {
            return folder.resolve("report.html");
        }

        private String read(String name) {
            Path file = folder.resolve(name);
            try {
                return new String(RegularFile.read(file, ReadLimit.STORE_FILE_BYTES), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }

        private static PerduraException damaged(Path file, @Nullable JsonProcessingException e) {
            return new PerduraException(
                    ErrorCode.INVALID_DATA, file + ": is no report in JSON; ingest the data set again", e);
        }

        private static PerduraException unreadable(Path file, IOException e) {
            return new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    file + ": can't be read (" + RegularFile.reason(e) + "); is the artifact store mounted here?",
                    e);
        }
    }
}
