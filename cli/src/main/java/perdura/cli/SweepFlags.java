package perdura.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.experiments.plan.SweepCheck;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.ReadyGrids;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.SweepExpansion;
import perdura.training.tasks.Tasks;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which sweep a command speaks of, and how its spec is changed. */
final class SweepFlags {
    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "a value that wins over the file's, for instance base.epochs=5; may be given several times")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--yes", description = "don't ask, and allow more than a million trials")
    private boolean yes;

    /** A file, or a grid that comes with Perdura. */
    private static final class Source {
        @Option(
                names = {"-f", "--file"},
                paramLabel = "SWEEP.yaml",
                required = true,
                description = "the sweep")
        private @Nullable Path file;

        @Option(
                names = "--grid",
                paramLabel = "NAME",
                required = true,
                description = "a grid that comes with Perdura; 'perdura sweep grids' lists them")
        private @Nullable String grid;
    }

    boolean yes() {
        return yes;
    }

    /** The sweep's file, for messages. */
    String name() {
        Path file = source.file;
        return file != null ? file.toString() : source.grid + ".yaml";
    }

    /** Of the file alone: whether what it names is there is not looked up. */
    SweepExpansion readAlone() {
        Tasks tasks = Tasks.load();
        SweepExpansion expansion = read(tasks, ReferenceNames.unchecked());
        SweepCheck.checkFile(name(), tasks.task(expansion.task().name()), expansion);
        return expansion;
    }

    /** All that is wrong is told at once. */
    SweepExpansion read(Tasks tasks, ReferenceNames names) {
        long most = yes ? Long.MAX_VALUE : SweepReader.MOST_TRIALS;
        Path file = source.file;
        if (file != null) {
            return SweepReader.read(file, settings, tasks.schemas(), names, most);
        }
        return ReadyGrids.read(String.valueOf(source.grid), settings, tasks.schemas(), names, most);
    }
}
