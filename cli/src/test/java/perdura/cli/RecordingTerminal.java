package perdura.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Terminal;

/** A terminal whose text a test can read. */
final class RecordingTerminal {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Terminal terminal;
    private final Connections.@Nullable Servers servers;

    RecordingTerminal(Map<String, String> environment) {
        this(environment, null);
    }

    /** @param servers that all its commands use; null: each opens its own */
    RecordingTerminal(Map<String, String> environment, Connections.@Nullable Servers servers) {
        this.servers = servers;
        terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment,
                false);
    }

    /** One whose commands use this database, and a home and artifacts below the folder. */
    static RecordingTerminal on(String databaseUrl, Path folder) {
        return new RecordingTerminal(environment(databaseUrl, folder));
    }

    static Map<String, String> environment(String databaseUrl, Path folder) {
        return Map.of(
                "PERDURA_HOME",
                folder.resolve("home").toString(),
                "PERDURA_DATABASE_URL",
                databaseUrl,
                "PERDURA_DATABASE_USER",
                "postgres",
                "PERDURA_DATABASE_PASSWORD",
                "postgres",
                "PERDURA_ARTIFACTS",
                folder.resolve("artifacts").toString(),
                "LANG",
                "C.UTF-8");
    }

    int run(String... arguments) {
        return new Main(terminal, servers).run(arguments);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
