package perdura.cli;

import picocli.CommandLine.Command;

/** Prints the class path, to compile tasks and methods against. */
@Command(
        name = "classpath",
        description = {
            "Print the class path of this program, for compiling a task or a method of your own.",
            "Their jars are found by every command and worker that PERDURA_CLASSPATH names them to."
        })
final class ClasspathCommand extends Subcommand {
    @Override
    public Integer call() {
        terminal.result(System.getProperty("java.class.path"));
        return 0;
    }
}
