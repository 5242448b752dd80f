package perdura.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.cli.follow.IngestFollower;
import perdura.cli.words.Json;
import perdura.datasets.ingest.Ingest;
import perdura.experiments.submit.IngestStarter;
import perdura.grids.read.IngestSpecJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.IngestStatus;
import perdura.grids.spec.SourceSet;
import perdura.store.Ingests;
import perdura.store.StoredIngest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Turns the files of a data set into arrays. */
@Command(
        name = "ingest",
        description = {
            "Read a data set as its owner ships it, once, and keep what a training needs as arrays and a manifest.",
            "Runs as a durable workflow: Ctrl-C leaves it running, and the same command comes back to it. Running it again"
                    + " does only what is missing. Faults leave their samples out and are told in the report."
        })
final class DataIngestCommand extends Subcommand.Changing {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9._-]{0,99}");
    private static final Pattern PARTITION = Pattern.compile("([1-9][0-9]{0,3})/([1-9][0-9]{0,3})");

    @Parameters(index = "0", paramLabel = "SET", description = "mimic-cxr, chexpert, rsna, siim or chexpert-5x200")
    private @Nullable SourceSet set;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            required = true,
            description = "folder of the data set, or a zip file of it")
    private @Nullable Path root;

    @Mixin
    private IngestFlags flags = new IngestFlags();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "what specs call the data set; default: SET-PROFILE-SIZE")
    private @Nullable String name;

    @Option(
            names = "--partition",
            paramLabel = "K/N",
            description = "make only every N-th part, from the K-th on, and join nothing: for schedulers that share the"
                    + " work out; a last call without the flag joins all parts")
    private @Nullable String partition;

    @Option(names = "--detach", description = "start the ingest and return")
    private boolean detach;

    @Option(names = "--json", description = "the report as JSON")
    private boolean json;

    @Override
    int run(Connections connections) throws InterruptedException {
        IngestSpec ingest = flags.ingest(Objects.requireNonNull(set), Objects.requireNonNull(root));
        IngestStarter.Share share = share();
        String ingestId = Ingest.key(ingest);
        Ingests ingests = new Ingests(connections.database());
        IngestStarter starter = connections.ingestStarter();
        if (starter.isRunning(ingestId, share)) {
            terminal.message("This ingest is running already; following it.");
        } else {
            ingests.begin(ingestId, name(ingest), IngestSpecJson.write(ingest));
            starter.start(ingestId, share);
        }
        if (detach) {
            terminal.result(ingestId);
            return 0;
        }
        StoredIngest end =
                new IngestFollower(terminal, ingests).follow(ingestId, () -> starter.isRunning(ingestId, share));
        if (!end.isEnded()) {
            Optional<String> failure = starter.findFailure(ingestId, share);
            failure.ifPresent(reason -> ingests.fail(ingestId, ErrorCode.INTERNAL.name(), reason));
            end = ingests.loadIngest(ingestId);
        }
        return report(connections, end, share);
    }

    private IngestStarter.Share share() {
        if (partition == null) {
            return IngestStarter.Share.ALL;
        }
        Matcher shares = PARTITION.matcher(partition);
        if (!shares.matches() || Integer.parseInt(shares.group(1)) > Integer.parseInt(shares.group(2))) {
            throw wrong("--partition must be K/N with K from 1 to N, was '" + partition + "'");
        }
        return new IngestStarter.Share(Integer.parseInt(shares.group(1)), Integer.parseInt(shares.group(2)));
    }

    private String name(IngestSpec ingest) {
        if (name != null && !NAME.matcher(name).matches()) {
            throw wrong("--name must be a letter and then a-z, 0-9, '.', '_' and '-', was '" + name + "'");
        }
        return name != null
                ? name
                : ingest.set().word() + "-" + ingest.profile().word() + "-" + ingest.imageSize();
    }

    private int report(Connections connections, StoredIngest end, IngestStarter.Share share) {
        if (end.status() == IngestStatus.FAILED) {
            terminal.message("FAILED, " + end.outcome().errorCode() + ": "
                    + end.outcome().errorMessage());
            terminal.message("What is done is kept: correct it and run the command again.");
            return ErrorPrinter.FAILED;
        }
        String digest = end.outcome().digest();
        if (digest == null && share.equals(IngestStarter.Share.ALL)) {
            terminal.message("The ingest has ended without a data set; run the command again.");
            return ErrorPrinter.FAILED;
        }
        if (digest == null) {
            terminal.message("This share is made; a call without --partition joins all.");
            return 0;
        }
        DataCommands.ReportFiles files = new DataCommands.ReportFiles(
                connections.dataSets().loadDataSet(digest).folder());
        if (json) {
            terminal.result(Json.of(files.json()));
            return 0;
        }
        terminal.message(files.text());
        terminal.message("Report: " + files.page());
        terminal.message("Faults, all of them: " + files.faults());
        terminal.message("In a spec: data: {dataset: " + end.identity().name() + "}");
        terminal.result(end.identity().name() + " " + digest);
        return 0;
    }
}
