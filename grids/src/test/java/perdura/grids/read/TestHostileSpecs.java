package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;
import perdura.grids.spec.SweepExpansion;

/** Specs that would take all the memory or time there is: each is refused at once, with its place, in a message that people can read. */
@Timeout(20)
class TestHostileSpecs {
    private static final String HEAD = """
            apiVersion: perdura/v1
            kind: Sweep
            name: toy-1
            task: toy
            objective: {metric: auroc, goal: max}
            """;
    private static final int LONGEST_MESSAGE = 5_000;

    @TempDir
    private Path folder;

    static Stream<String> costlyConstraints() {
        String doublings = "[[1]]" + ".map(x, x + x)".repeat(34) + ".size() > 0";
        String nested = "[1, 2, 3, 4, 5, 6, 7, 8, 9]";
        StringBuilder loops = new StringBuilder("true");
        for (int i = 0; i < 9; i++) {
            loops.insert(0, nested + ".all(x" + i + ", ").append(')');
        }
        return Stream.of(
                doublings,
                loops.toString(),
                "'" + "a".repeat(40) + "'.matches('(a|a)*b')",
                "'" + "a".repeat(40) + "'.matches('(a+)+b')",
                "'" + "a".repeat(900) + "'.matches('a*a*a*a*a*a*b')",
                "'" + "a".repeat(40) + "'.matches('" + "a?".repeat(40) + "b')",
                "'" + "a".repeat(40) + "'.matches('" + "(a|a)".repeat(40) + "b')",
                "optimizer.matches(optimizer)",
                "['a'].all(x, x.matches('a+'))",
                "1 == 1 && " + "true && ".repeat(1_000) + "true");
    }

    @ParameterizedTest
    @MethodSource("costlyConstraints")
    void aConstraintThatMayTakeTooLongIsRefusedBeforeItIsComputed(String text) {
        assertThatThrownBy(() -> read(HEAD + "constraints:\n  - \"" + text + "\"\n"))
                .asInstanceOf(type(PerduraException.class))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    assertThat(e.getMessage()).startsWith("grid.yaml:7:").hasSizeLessThan(LONGEST_MESSAGE);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"a*a*b", ".*.*b", "[a]*a*b", "a+?a+?b", "a{1,}a*b"})
    void aRegularExpressionWithFewRepeatsEndsWhateverItsText(String pattern) {
        String text = "'" + "a".repeat(1_800) + "'.matches('" + pattern + "')";
        assertThatThrownBy(() -> read(HEAD + "constraints:\n  - \"" + text + "\"\n"))
                .asInstanceOf(type(PerduraException.class))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    assertThat(e.getMessage())
                            .startsWith("grid.yaml:7:")
                            .contains(ReadLimit.CEL_MATCH_STEPS.variable())
                            .hasSizeLessThan(LONGEST_MESSAGE);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[[[", "*"})
    void aWrongRegularExpressionIsNamedInOneLine(String pattern) {
        assertThatThrownBy(() -> read(HEAD + "constraints:\n  - \"optimizer.matches('" + pattern + "')\"\n"))
                .asInstanceOf(type(PerduraException.class))
                .satisfies(
                        e -> assertThat(String.valueOf(e.getMessage()).lines().toList())
                                .singleElement()
                                .satisfies(line -> assertThat(line)
                                        .startsWith("grid.yaml:7:")
                                        .contains("the regular expression is wrong")));
    }

    /** Another process, as the limit is a variable of its environment. */
    @Test
    @Timeout(120)
    void allConstraintsTogetherHaveALimitOfTimeThatIsToldOnce() throws Exception {
        String numbers = IntStream.range(0, 250).mapToObj(String::valueOf).collect(Collectors.joining(","));
        String points = IntStream.range(1, 400).mapToObj(String::valueOf).collect(Collectors.joining(","));
        String slow = "[%s].all(x, [%s].exists(y, y == 249 && x < batchSize + %d))";
        StringBuilder spec = new StringBuilder(HEAD).append("matrix:\n  batchSize: [" + points + "]\nconstraints:\n");
        for (int i = 300; i < 304; i++) {
            spec.append("  - \"" + slow.formatted(numbers.substring(0, 400), numbers, i) + "\"\n");
        }
        Path file = Files.writeString(folder.resolve("grid.yaml"), spec);
        ProcessBuilder reading = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SpecProcess.class.getName(),
                file.toString());
        reading.environment().put(ReadLimit.CEL_SECONDS.variable(), "1");
        Process process = reading.redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        assertThat(printed.lines().filter(line -> line.contains(ReadLimit.CEL_SECONDS.variable())))
                .as(printed)
                .singleElement()
                .asString()
                .startsWith(file.toString());
    }

    /** Reads a spec and prints the message. */
    static final class SpecProcess {
        private SpecProcess() {}

        public static void main(String[] args) {
            try {
                SweepReader.read(
                        Path.of(args[0]),
                        List.of(),
                        KnownTasks.ALL,
                        ReferenceNames.unchecked(),
                        SweepReader.MOST_TRIALS);
            } catch (PerduraException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"base:\n  a: %s", "base: {a: 1,\n  b: %s", "matrix:\n  batchSize: [1]\n  optimizer: %s"})
    void whatIsNestedTooDeeplyIsToldAtItsPlace(String text) {
        String deep = HEAD + text.formatted("[".repeat(60) + "\n" + "]".repeat(60));
        long line = text.lines().count() + 5;
        assertThatThrownBy(() -> read(deep + (text.contains("{") ? "}" : "")))
                .asInstanceOf(type(PerduraException.class))
                .satisfies(e -> assertThat(e.getMessage())
                        .startsWith("grid.yaml:" + line + ":")
                        .contains(ReadLimit.SPEC_DEPTH.variable()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int(optimizer) > 0",
                "dyn(optimizer) + dyn(batchSize) == dyn(1)",
                "dyn(batchSize).name == 1",
                "batchSize / 0 == 1",
                "batchSize * 9223372036854775807 * 9 > 0",
                "dyn([1])[dyn(optimizer)] == 1",
                "duration(optimizer) > duration('1s')",
                "timestamp(optimizer) > timestamp(optimizer)",
                "{1: 2}[batchSize] == 3",
                "type(batchSize) == dyn(optimizer).x",
                "dyn(optimizer) < dyn(batchSize)",
                "bytes(optimizer) == dyn(1.5)",
                "optimizer.startsWith(dyn(1))"
            })
    void noNameOfAClassIsTold(String text) {
        assertThatThrownBy(() -> read(HEAD + "base: {batchSize: 8}\nconstraints:\n  - \"" + text + "\"\n"))
                .isInstanceOfSatisfying(
                        PerduraException.class,
                        e -> assertThat(e.getMessage())
                                .startsWith("grid.yaml:")
                                .doesNotContain("Exception", "projectnessie", "java.", "google", "Error"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.blocks.all(x, [1, 2].exists(y, y <= x))",
                "optimizer.matches('adam.*|sgd')",
                "[1, 2].map(x, x * 2).filter(y, y > 2).size() == 1"
            })
    void whatPeopleWriteIsNot(String text) {
        assertThat(read(HEAD + "base: {model: {blocks: [2, 3]}}\nconstraints:\n  - \"" + text + "\"\n")
                        .countPoints())
                .isEqualTo(1);
    }

    static Stream<String> largeTexts() {
        return Stream.of(
                "#" + "x".repeat(10_000_000),
                "# x\n".repeat(2_500_000),
                "#" + "x".repeat(1_000_000),
                "[".repeat(1_000_000),
                "{a: ".repeat(200_000),
                "a: &a [" + "*a,".repeat(100_000) + "]",
                "- ".repeat(500_000),
                "? ".repeat(500_000));
    }

    @ParameterizedTest
    @MethodSource("largeTexts")
    void aTextThatIsTooLongOrTooDeepIsRefusedWithItsPlace(String text) {
        assertThatThrownBy(() -> read(text + "\n" + HEAD))
                .asInstanceOf(type(PerduraException.class))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    assertThat(e.getMessage()).startsWith("grid.yaml:").hasSizeLessThan(LONGEST_MESSAGE);
                });
    }

    static Stream<String> manyFaults() {
        return Stream.of(
                lines("", "k%d: 1", 150_000),
                "base:\n" + lines(" ", "k%d: 1", 150_000),
                "base:\n" + lines(" ", "k: 1", 200_000),
                "matrix:\n" + lines(" ", "k%d: [1]", 120_000),
                "matrix:\n  learningRate:\n" + lines("  ", "- x", 200_000),
                "include:\n" + lines(" ", "- {q: 1}", 120_000),
                "constraints:\n" + lines(" ", "- a", 200_000),
                "constraints:\n" + lines(" ", "- 1 == 1", 100_000));
    }

    private static String lines(String indent, String form, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> indent + String.format(form, i) + "\n")
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @MethodSource("manyFaults")
    void ofVeryManyFaultsTheFirstAreTold(String text) {
        assertThatThrownBy(() -> read(HEAD + text))
                .asInstanceOf(type(PerduraException.class))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    assertThat(String.valueOf(e.getMessage()).lines().toList())
                            .hasSizeLessThan(110)
                            .first(InstanceOfAssertFactories.STRING)
                            .startsWith("grid.yaml:");
                });
    }

    @Test
    void aMessageDoesNotRepeatALongValue() {
        String value = "x".repeat(200_000);
        assertThatThrownBy(() -> read(HEAD + "base:\n  optimizer: " + value + "\nmatrix:\n  " + value.substring(0, 900)
                        + ": [1]\n  learningRate: [\"" + value + "\"]\n"))
                .asInstanceOf(type(PerduraException.class))
                .satisfies(
                        e -> assertThat(String.valueOf(e.getMessage()).length()).isBetween(100, LONGEST_MESSAGE));
    }

    @Test
    void aValueForgesNoLineAndMovesNoCursor() {
        assertThatThrownBy(() -> read(HEAD + "base: {optimizer: \"x\\e[2J\\r\\ngrid.yaml:1:1: all is well\"}\n"))
                .asInstanceOf(type(PerduraException.class))
                .satisfies(e -> assertThat(
                                String.valueOf(e.getMessage()).lines().toList())
                        .singleElement()
                        .satisfies(line ->
                                assertThat(line).doesNotContain("\u001b", "\r").contains("\\u001b")));
    }

    @Test
    void whatIsNoRegularFileIsNamedAndNotOpened() throws Exception {
        Path pipe = folder.resolve("pipe.yaml");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertRefused(pipe, "named pipe");
        assertRefused(Path.of("/dev/zero"), "device");
        Path link = Files.createSymbolicLink(folder.resolve("link.yaml"), Path.of("/dev/zero"));
        assertRefused(link, "device");
        Path loop = folder.resolve("loop.yaml");
        Files.createSymbolicLink(loop, loop);
        assertRefused(loop, "symbolic link");
    }

    @Test
    void aFileThatIsTooLargeIsNamedWithItsLimit() throws IOException {
        Path file = Files.writeString(folder.resolve("large.yaml"), "# x\n".repeat(1_000_000));
        assertRefused(file, ReadLimit.SPEC_BYTES.variable());
    }

    private static void assertRefused(Path file, String word) {
        assertThatThrownBy(() -> SweepReader.read(
                        file, List.of(), KnownTasks.ALL, ReferenceNames.unchecked(), SweepReader.MOST_TRIALS))
                .asInstanceOf(type(PerduraException.class))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    assertThat(e.getMessage())
                            .startsWith(file + ": ")
                            .contains(word)
                            .doesNotContain("Exception");
                });
    }

    private static SweepExpansion read(String text) {
        return assertTimeout(
                Duration.ofSeconds(10),
                () -> SweepReader.read(
                        "grid.yaml",
                        text,
                        List.of(),
                        KnownTasks.ALL,
                        ReferenceNames.unchecked(),
                        SweepReader.MOST_TRIALS));
    }
}
