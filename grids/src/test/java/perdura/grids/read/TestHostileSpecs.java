package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
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
