package perdura.cli.words;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Masking;
import perdura.grids.spec.PlainText;

/**
 * Where a command reads from and writes to. What it writes holds no control characters but its own line breaks: names of
 * files and tensors, values of tables and keys may hold any.
 *
 * @param out results
 * @param err messages
 * @param environment the variables
 * @param masking hides secrets in all that is written
 * @param interactive whether somebody looks at {@code err} as it comes, so that a line may be redrawn
 */
public record Terminal(
        PrintStream out, PrintStream err, Map<String, String> environment, Masking masking, boolean interactive) {
    public Terminal {
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        masking.hide(Masking.secretValues(environment));
    }

    public Terminal(PrintStream out, PrintStream err, Map<String, String> environment, boolean interactive) {
        this(out, err, environment, new Masking(), interactive);
    }

    /** The process's own. The start script knows whether it is a terminal. */
    public static Terminal ofProcess() {
        return new Terminal(
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                System.getenv(),
                Boolean.getBoolean("perdura.interactive"));
    }

    public void result(String line) {
        out.println(PlainText.lines(masking.known(line)));
    }

    public void message(String line) {
        err.println(PlainText.lines(masking.mask(line)));
    }

    /** Prints what was asked for although it holds a secret. */
    public void secret(String line) {
        out.println(line);
    }

    /** Asks a question and returns the line that was typed; null if there is nobody. */
    public @Nullable String ask(String question) {
        err.print(PlainText.lines(question));
        err.flush();
        try {
            return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        } catch (IOException e) {
            return null;
        }
    }

    /** Whether the answer to a question begins with a y. */
    public boolean confirms(String question) {
        String answer = ask(question + " [y/N] ");
        return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
    }
}
