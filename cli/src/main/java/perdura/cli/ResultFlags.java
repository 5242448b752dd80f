package perdura.cli;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** In which form a command prints results. */
final class ResultFlags {
    private static final int USUAL_WIDTH = 100;

    @Spec(Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @ArgGroup(exclusive = true)
    private Form form = new Form();

    static final class Form {
        @Option(names = "--json", description = "everything, as JSON")
        private boolean json;

        @Option(names = "--csv", description = "as comma-separated values, with full precision")
        private boolean csv;

        @Option(names = "--wide", description = "lines as long as they need; without it at most 100 letters")
        private boolean wide;
    }

    boolean isJson() {
        return form.json;
    }

    boolean isCsv() {
        return form.csv;
    }

    /** Letters of a line. */
    int width() {
        return form.wide ? Integer.MAX_VALUE : USUAL_WIDTH;
    }

    /** @throws ParameterException unless the number is at least 1 */
    void checkCount(String option, int count) {
        if (count < 1) {
            throw new ParameterException(command.commandLine(), option + " must be at least 1, was " + count);
        }
    }
}
