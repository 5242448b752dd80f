package perdura.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import perdura.cli.settings.Settings;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.experiments.gc.ArtifactFolder;
import perdura.experiments.gc.Garbage;
import perdura.grids.spec.Amount;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows and removes checkpoints that nobody needs. */
@Command(
        name = "gc",
        description = {
            "Show which checkpoints would go, then remove them.",
            "Of runs that have ended the newest ones stay, the best one and all ends of stages: trials and other runs",
            "begin there.",
            "What was prepared for the epochs of a finished run goes too.",
            "Runs that have not ended are left alone, and so is everything that the store does not know."
        })
final class GcCommand extends Subcommand.Changing {
    @Option(
            names = "--keep",
            paramLabel = "N",
            defaultValue = "1",
            description = "newest checkpoints of each run that stay; default: ${DEFAULT-VALUE}")
    private int keep;

    @Option(
            names = {"-y", "--yes"},
            description = "remove without asking")
    private boolean yes;

    @Option(names = "--dry-run", description = "only show")
    private boolean dryRun;

    @Option(names = "--json", description = "what would go, as JSON")
    private boolean json;

    @Override
    int run(Connections connections) {
        if (keep < 1) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC, "--keep must be at least 1, so that a run can be resumed; was " + keep);
        }
        Settings settings = connections.settings();
        new ArtifactFolder(settings.artifacts()).claim(connections.database());
        Garbage garbage = new Garbage(connections.database(), settings.artifacts(), keep);
        List<Garbage.OfRun> all = garbage.find();
        List<Garbage.OfRun> found = all.stream().filter(run -> !run.isEmpty()).toList();
        show(all, found);
        if (found.isEmpty() || dryRun || !confirmed(found)) {
            return 0;
        }
        found.forEach(garbage::remove);
        terminal.message("Removed " + summary(found) + ".");
        return 0;
    }

    private void show(List<Garbage.OfRun> all, List<Garbage.OfRun> found) {
        if (!json) {
            all.forEach(run -> run.unknown()
                    .forEach(folder -> terminal.message(
                            folder + " looks like a checkpoint that the store does not know; it stays")));
        }
        if (json) {
            terminal.result(Json.of(Map.of("runs", all, "bytes", bytes(all))));
        } else if (found.isEmpty()) {
            terminal.result("Nothing to remove.");
        } else {
            Table table = new Table("RUN", "SPARE CHECKPOINTS", "LEFTOVERS", "MB");
            found.forEach(run ->
                    table.row(run.runId(), run.spare().size(), run.leftovers().size(), megabytes(run.bytes())));
            terminal.result(table.toString());
        }
    }

    private boolean confirmed(List<Garbage.OfRun> found) {
        if (yes) {
            return true;
        }
        if (!terminal.interactive()) {
            terminal.message("Nothing was removed; remove " + summary(found) + " with --yes.");
            return false;
        }
        boolean agreed = terminal.confirms("Remove " + summary(found) + "?");
        if (!agreed) {
            terminal.message("Nothing was removed.");
        }
        return agreed;
    }

    private static String summary(List<Garbage.OfRun> found) {
        long folders = found.stream()
                .mapToLong(run -> run.spare().size() + run.leftovers().size())
                .sum();
        return Amount.of(folders, "folder") + " of " + Amount.of(found.size(), "run") + ", " + megabytes(bytes(found))
                + " MB";
    }

    private static long bytes(List<Garbage.OfRun> found) {
        return found.stream().mapToLong(Garbage.OfRun::bytes).sum();
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / 1e6);
    }
}
