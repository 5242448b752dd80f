package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestDataSynth {
    @TempDir
    private Path folder;

    private final RecordingTerminal terminal = new RecordingTerminal(Map.of());

    @Test
    void allMeansAFolderForEachLayout() throws IOException {
        Path out = folder.resolve("sets");
        assertThat(synth("--format", "all", "--patients", "3", "--seed", "9", "--out", out.toString()))
                .isZero();
        assertThat(terminal.out().lines())
                .containsExactly(
                        out.resolve("mimic-cxr").toString(),
                        out.resolve("chexpert").toString(),
                        out.resolve("rsna").toString(),
                        out.resolve("siim").toString());
        for (String set : List.of("mimic-cxr", "chexpert", "rsna", "siim")) {
            assertThat(Files.readString(out.resolve(set).resolve("synthetic.json")))
                    .contains("perdura.synth." + set + "/", "\"patients\":3", "\"seed\":\"9\"", "\"difficulty\":0.5");
        }
        assertThat(terminal.err()).contains("data: {root: " + out.resolve("mimic-cxr") + "}");
    }

    @Test
    void oneLayoutFillsTheFolderItself() {
        Path out = folder.resolve("rsna");
        assertThat(synth(
                        "--format",
                        "rsna",
                        "--patients",
                        "2",
                        "--image-size",
                        "48",
                        "--difficulty",
                        "0.25",
                        "--threads",
                        "1",
                        "--out",
                        out.toString()))
                .isZero();
        assertThat(out.resolve("stage_2_train_labels.csv")).exists();
        assertThat(out.resolve("synthetic.json")).content().contains("\"difficulty\":0.25", "\"image_size\":48");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--format mimc | 'mimc'; known are mimic-cxr, chexpert, rsna, siim, all",
                "--format siim --studies 5 | studies are counted in mimic-cxr alone, not in siim; count patients",
                "--format all --studies 5 | studies are counted in mimic-cxr alone, not in chexpert; count patients",
                "--patients 3 --studies 5 | --patients and --studies exclude each other; write one of them",
                "--patients 0 | patients must be 1 to 1000000, was 0",
                "--difficulty 2 | difficulty must be 0 to 1, was 2.0",
                "--image-size 8 | imageSize must be 32 to 3072, was 8",
                "--siim-stage 3 | --siim-stage must be 1 or 2, was 3",
                "--threads 0 | --threads must be >= 1, was 0",
            })
    void wrongFlagsAreWrongUsageAndNothingIsWritten(String flags, String message) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(flags.strip().split(" ", -1)));
        arguments.addAll(List.of("--out", folder.resolve("out").toString()));
        assertThat(synth(arguments.toArray(String[]::new))).isEqualTo(2);
        assertThat(terminal.err()).contains(message);
        try (Stream<Path> entries = Files.list(folder)) {
            assertThat(entries).isEmpty();
        }
    }

    private int synth(String... flags) {
        List<String> arguments = new ArrayList<>(List.of("data", "synth"));
        arguments.addAll(List.of(flags));
        return terminal.run(arguments.toArray(String[]::new));
    }
}
