package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.PretrainCommand.StepNeeds;
import perdura.training.method.Methods;

/** No server is there: a dry run of files asks none. */
class TestPretrainDryRun {
    @TempDir
    private static Path folder;

    private RecordingTerminal terminal = new RecordingTerminal(Map.of());
    private Path spec = Path.of("");

    /** A set with more studies than the paper's batch, and one with fewer. */
    @BeforeAll
    static void makeData() {
        synth("mimic", "400");
        synth("few", "3");
    }

    private static void synth(String name, String studies) {
        String data = folder.resolve(name).toString();
        assertThat(terminal().run("data", "synth", "--studies", studies, "--seed", "1", "--out", data))
                .isZero();
    }

    private static RecordingTerminal terminal() {
        return new RecordingTerminal(
                Map.of("PERDURA_HOME", folder.resolve("home").toString()));
    }

    @BeforeEach
    void writeSpec() throws IOException {
        terminal = terminal();
        spec = Files.writeString(folder.resolve("spec.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: dry
                method: prior
                profile: paper
                data: {root: mimic}
                """);
    }

    @Test
    void parametersOfEachModuleAndMemoryOfEachStageAreTold() {
        assertThat(dryRun()).isZero();
        assertThat(terminal.out())
                .containsPattern("image\\.backbone +23,501,760\n")
                .containsPattern("text\\.sentence_pool +2,362,368\n")
                .contains("STAGE  WEIGHTS", "microBatchSize: null")
                .containsPattern("\n1 +\\d\\.\\d\\d GB .*\n2 .*\n3 ");
    }

    @Test
    void chunksTakeLess() {
        assertThat(dryRun("microBatchSize=8")).isZero();
        assertThat(terminal.out()).contains("8 at a time");
    }

    @Test
    void vocabularyOfThePaperGivesTheNumberOfThePaper() {
        assertThat(StepNeeds.of(Methods.load().specs().read(spec, List.of()), 28996))
                .containsPattern("text\\.bert +108,310,272\n")
                .containsPattern("all +237,432,307\n");
    }

    @Test
    void fewerStudiesThanABatchAreRefusedAsAStartWould() {
        assertThat(dryRun("data.root=" + folder.resolve("few"))).isNotZero();
        assertThat(terminal.err()).contains("batchSize of 128");
        assertThat(terminal.out()).doesNotContain("PARAMETERS");
    }

    @Test
    void faultyDataIsRefused() {
        assertThat(dryRun("data.root=nowhere")).isNotZero();
        assertThat(terminal.out()).doesNotContain("PARAMETERS");
    }

    private int dryRun(String... settings) {
        List<String> arguments = new ArrayList<>(List.of("pretrain", "-f", spec.toString(), "--dry-run"));
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        return terminal.run(arguments.toArray(String[]::new));
    }
}
