package perdura.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import perdura.cli.words.Terminal;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns every failure into a message and an exit status. A stack trace comes only with {@code --debug}. */
final class ErrorPrinter implements IParameterExceptionHandler, IExecutionExceptionHandler {
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;

    private final Terminal terminal;
    private final PerduraCommand root;

    ErrorPrinter(Terminal terminal, PerduraCommand root) {
        this.terminal = terminal;
        this.root = root;
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        terminal.message("perdura: " + e.getMessage() + suggestion(e));
        terminal.message("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
        return WRONG_USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine line, ParseResult parsed) {
        if (e instanceof ParameterException wrong) {
            return handleParseException(wrong, new String[0]);
        }
        if (e instanceof InterruptedException) {
            terminal.message("perdura: interrupted");
            return FAILED;
        }
        if (e instanceof PerduraException known) {
            terminal.message("perdura: " + known.getMessage());
            printTrace(e);
            return known.code() == ErrorCode.INVALID_SPEC ? WRONG_USAGE : FAILED;
        }
        terminal.message("perdura: unexpected " + e.getClass().getSimpleName() + ": " + e.getMessage());
        if (!root.isDebug()) {
            terminal.message("This is a fault of the program; '--debug' shows where it happened.");
        }
        printTrace(e);
        return FAILED;
    }

    private static String suggestion(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched)) {
            return "";
        }
        String word = unmatched.getUnmatched().get(0);
        CommandLine line = e.getCommandLine();
        List<String> known = word.startsWith("-")
                ? List.copyOf(line.getCommandSpec().optionsMap().keySet())
                : line.getSubcommands().entrySet().stream()
                        .filter(sub ->
                                !sub.getValue().getCommandSpec().usageMessage().hidden())
                        .map(Map.Entry::getKey)
                        .toList();
        return Nearest.find(word.replaceFirst("=.*", ""), known)
                .map(nearest -> "; did you mean '" + nearest + "'?")
                .orElse("");
    }

    private void printTrace(Exception e) {
        if (root.isDebug()) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace, true));
            terminal.message(trace.toString());
        }
    }
}
