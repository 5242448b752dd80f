package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

class TestPlainLogEncoder {
    private static final String HOSTILE =
            "name\u001b[2J\r\u0007\u202e\n2026-01-01T00:00:00.000 ERROR [main] Forged: gone";

    @TempDir
    Path folder;

    @Test
    void namesNeitherMoveTheCursorNorForgeLinesOfTheWorkersLog() throws Exception {
        Path file = folder.resolve("worker.log");
        LoggerContext context = new LoggerContext();
        context.putProperty("perdura.worker.log", file.toString());
        write(context, "supervisor-logback.xml");
        requirePlain(Files.readString(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"slot-logback.xml", "supervisor-logback.xml"})
    void namesNeitherMoveTheCursorNorForgeLinesOfTheConsole(String configuration) throws Exception {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream captured = new PrintStream(printed, true, StandardCharsets.UTF_8);
        System.setOut(captured);
        System.setErr(captured);
        try {
            LoggerContext context = new LoggerContext();
            context.putProperty(
                    "perdura.worker.log", folder.resolve("worker.log").toString());
            write(context, configuration);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        requirePlain(printed.toString(StandardCharsets.UTF_8));
    }

    private static void write(LoggerContext context, String configuration) throws Exception {
        URL url = Objects.requireNonNull(PlainLogEncoder.class.getResource(configuration));
        JoranConfigurator configurator = new JoranConfigurator();
        context.setMDCAdapter(new LogbackMDCAdapter());
        configurator.setContext(context);
        configurator.doConfigure(url);
        Logger logger = context.getLogger("perdura.Ours");
        logger.info("left out {}", HOSTILE);
        logger.warn("failed", new IllegalStateException(HOSTILE, new IllegalArgumentException(HOSTILE)));
        context.stop();
    }

    private static void requirePlain(String text) {
        List<String> lines = text.lines().toList();
        assertThat(text.replace(System.lineSeparator(), "")).doesNotContainPattern("[\\p{Cntrl}\u202e&&[^\t\n]]");
        assertThat(text).contains("left out name\\u001b[2J\\u000d\\u0007\\u202e", "IllegalStateException");
        assertThat(lines).filteredOn(line -> !line.startsWith("    ")).hasSize(2);
        assertThat(lines).filteredOn(line -> line.contains("Forged")).allMatch(line -> line.startsWith("    "));
    }
}
