package perdura.cli.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.cli.settings.SettingsSource;
import perdura.cli.stack.LocalStack;
import perdura.cli.stack.PartName;
import perdura.cli.stack.ProcessRef;
import perdura.cli.stack.StackHome;
import perdura.cli.stack.StackOptions;
import perdura.store.relay.MlflowConfig;

/**
 * The whole local stack for one test: real Postgres, the real Temporal server, the real MLflow. Driven as a user drives it,
 * by the command line in a process of its own.
 */
final class Platform implements AutoCloseable {
    private final Path home;
    private final LocalStack stack;

    private Platform(Path home, LocalStack stack) {
        this.home = home;
        this.stack = stack;
    }

    static Platform start(Path home, StackOptions options) throws InterruptedException {
        LocalStack stack = LocalStack.start(new StackHome(home), options, System.getenv());
        try {
            awaitReady(stack, options);
        } catch (RuntimeException | Error | InterruptedException e) {
            stack.close();
            throw e;
        }
        return new Platform(home, stack);
    }

    private static void awaitReady(LocalStack stack, StackOptions options) throws InterruptedException {
        for (PartName part : PartName.values()) {
            boolean left = (part == PartName.WORKER && options.worker() == StackOptions.Worker.NONE)
                    || (part == PartName.MLFLOW && options.mlflow() == StackOptions.Mlflow.NONE);
            if (!left) {
                stack.awaitReady(part);
            }
        }
    }

    /** A command line of ours in a JVM like this one. */
    List<String> command(List<String> jvmFlags, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmFlags);
        command.addAll(List.of("-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "perdura.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    /** A script of the shell that runs the command line with this test's classes. */
    String launcher() {
        return "#!/bin/sh\nexec '" + String.join("' '", command(List.of("-Xmx512m"))) + "' \"$@\"\n";
    }

    /** Runs a command on this platform to its end and returns its standard output. */
    String run(String... arguments) throws IOException, InterruptedException {
        Path messages = Files.createTempFile(home, "messages", ".log");
        ProcessBuilder builder = new ProcessBuilder(command(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"), arguments))
                .redirectError(messages.toFile());
        builder.environment().putAll(connectionVariables());
        Process process = builder.start();
        String results = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", arguments) + " ended with " + status + ": "
                    + Files.readString(messages) + results);
        }
        Files.delete(messages);
        return results;
    }

    Connection connect() throws SQLException {
        Map<Setting, String> settings = settings();
        return DriverManager.getConnection(
                settings.get(Setting.DATABASE_URL),
                settings.get(Setting.DATABASE_USER),
                settings.get(Setting.DATABASE_PASSWORD));
    }

    MlflowConfig mlflow() {
        return Settings.of(List.of(new SettingsSource("platform", settings())), null)
                .mlflow()
                .orElseThrow();
    }

    private Map<Setting, String> settings() {
        return new StackHome(home).findSettings().orElseThrow().values();
    }

    Map<String, String> connectionVariables() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PERDURA_MLFLOW_URL", ""); // not set, where the platform has none
        settings().forEach((setting, value) -> variables.put(setting.variable(), value));
        return variables;
    }

    Path home() {
        return home;
    }

    /** The living process of a part. */
    Optional<ProcessHandle> process(PartName part) {
        return Optional.ofNullable(stack.state().part(part).process()).flatMap(ProcessRef::find);
    }

    /** Waits until a part that has died is there again. */
    void awaitReady(PartName part) throws InterruptedException {
        stack.awaitReady(part);
    }

    @Override
    public void close() {
        stack.close();
    }
}
