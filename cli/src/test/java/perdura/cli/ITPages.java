package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.Page.Block;

/**
 * Runs the commands of the documentation as they are printed, in the order in which the README lists the pages, in one folder, on a stack
 * that the README's own commands start. {@code -Dpages=data,sweeps} runs some pages after the README.
 */
class ITPages {
    private static final List<String> ORDER = List.of(
            "data", "stages", "learning", "sweeps", "compare", "tasks", "weights", "zero-shot", "figures", "papers");

    /** Stays when a test fails: logs, databases and what the commands have made are in it. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    @Test
    void everyPageRunsAsPrinted() throws Exception {
        Files.writeString(folder.resolve("perdura"), launcher());
        Files.setPosixFilePermissions(folder.resolve("perdura"), PosixFilePermissions.fromString("rwxr-xr-x"));
        run(Page.read("README.md"), Map.of());
        String wanted = System.getProperty("pages", String.join(",", ORDER));
        shell("up", "./perdura up\n", Map.of());
        for (String name : wanted.split(",", -1)) {
            run(Page.read("docs/" + name + ".md"), variables());
        }
    }

    @Test
    void noPageIsForgotten() throws IOException {
        List<String> withCommands = Page.all().stream()
                .filter(page -> page.blocks().stream().anyMatch(Block::isRun))
                .map(page -> page.name().replaceAll("docs/|\\.md", ""))
                .toList();
        List<String> tried = new ArrayList<>(ORDER);
        tried.add("README");
        assertThat(tried).containsExactlyInAnyOrderElementsOf(withCommands);
    }

    @AfterEach
    void stop() throws Exception {
        if (Files.exists(folder.resolve("perdura"))) {
            shell("down", "./perdura down\n", Map.of());
        }
    }

    private void run(Page page, Map<String, String> variables) throws Exception {
        StringBuilder script = new StringBuilder("export PATH=\"$PWD:$PATH\"\n");
        for (Block block : page.blocks()) {
            String text = smaller(block);
            if (!block.file().isEmpty()) {
                Files.writeString(folder.resolve(block.file()), text);
            } else if (block.isRun()) {
                script.append(text).append('\n');
            }
        }
        shell(page.name().replaceAll("\\W", "-"), script.toString(), variables);
    }

    private static String smaller(Block block) throws Exception {
        String text = block.text() + "\n";
        for (String command : block.smaller()) {
            Process sed = new ProcessBuilder("sed", "-e", command)
                    .redirectErrorStream(true)
                    .start();
            try (var input = sed.getOutputStream()) {
                input.write(text.getBytes(StandardCharsets.UTF_8));
            }
            String changed = new String(sed.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(sed.waitFor()).as(changed).isZero();
            assertThat(changed).as("what is tried with " + command).isNotEqualTo(text);
            text = changed;
        }
        return text;
    }

    /** The pre-training of the README, the one that goes on from it, and the newest trial of segmentation. */
    private Map<String, String> variables() throws Exception {
        JsonNode runs =
                new ObjectMapper().readTree(shell("runs", "./perdura runs list --json --limit 1000\n", Map.of()));
        Map<String, String> variables = new TreeMap<>();
        for (JsonNode run : runs) { // newest first
            String id = run.path("runId").asText();
            if (id.startsWith("prior-small-")) {
                variables.put("OTHER", variables.getOrDefault("RUN", ""));
                variables.put("RUN", id);
            } else if (id.startsWith("segmentation-")) {
                variables.putIfAbsent("TRIAL", id);
            }
        }
        return variables;
    }

    private String shell(String name, String script, Map<String, String> variables) throws Exception {
        Path file = Files.writeString(folder.resolve("page-" + name + ".sh"), script);
        Path output = folder.resolve("page-" + name + ".out");
        Path messages = folder.resolve("page-" + name + ".log");
        ProcessBuilder builder = new ProcessBuilder("bash", "-euxo", "pipefail", file.toString())
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(messages.toFile());
        builder.environment().keySet().removeIf(variable -> variable.startsWith("PERDURA_"));
        builder.environment().putAll(variables);
        Process process = builder.start();
        int status = process.waitFor();
        assertThat(status)
                .as(name + ": " + Files.readString(messages) + Files.readString(output))
                .isZero();
        System.out.println(name + ": done");
        return Files.readString(output);
    }

    /** As {@code ./perdura} starts it, with the classes of this test. */
    private static String launcher() {
        return """
                #!/bin/sh
                exec '%s' -XX:+IgnoreUnrecognizedVMOptions --enable-native-access=ALL-UNNAMED \\
                  --sun-misc-unsafe-memory-access=allow -XX:+UseSerialGC -Dai.djl.offline=true -DOPT_OUT_TRACKING=true \\
                  -cp '%s'"${PERDURA_CLASSPATH:+:$PERDURA_CLASSPATH}" perdura.cli.Main "$@"
                """.formatted(
                        Path.of(System.getProperty("java.home"), "bin", "java"), System.getProperty("java.class.path"));
    }
}
