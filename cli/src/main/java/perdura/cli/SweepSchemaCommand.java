package perdura.cli;

import java.util.concurrent.Callable;
import perdura.cli.words.Terminal;
import perdura.grids.read.SweepSchema;
import perdura.training.tasks.Tasks;
import picocli.CommandLine.Command;

/** The schema of sweeps. */
@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        description = "Print the JSON Schema of sweep files, by which an editor completes and checks them.")
final class SweepSchemaCommand implements Callable<Integer> {
    private final Terminal terminal;

    SweepSchemaCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.result(SweepSchema.write(Tasks.load().schemas()));
        return 0;
    }
}
