package perdura.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Terminal;
import perdura.grids.read.ReadyGrids;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The grids that come with Perdura. */
@Command(
        name = "grids",
        mixinStandardHelpOptions = true,
        description = "List the sweeps that come with Perdura, or print one, to be edited.")
final class SweepGridsCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "the one to print")
    private @Nullable String name;

    SweepGridsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (name == null) {
            ReadyGrids.names().forEach(terminal::result);
        } else {
            terminal.result(ReadyGrids.text(name).stripTrailing());
        }
        return 0;
    }
}
