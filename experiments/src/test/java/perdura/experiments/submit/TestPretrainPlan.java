package perdura.experiments.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.RunId;
import perdura.store.NewRun;
import perdura.training.method.Methods;

class TestPretrainPlan {
    @TempDir
    private Path folder;

    private NewRun plan(List<String> settings) throws IOException {
        Path data = Files.createDirectories(folder.resolve("secret-hospital"));
        Files.writeString(data.resolve("vocab.txt"), "[PAD]\n");
        Path spec = Files.writeString(folder.resolve("spec.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: plan
                experiment: tests
                method: prior
                profile: tiny
                data: {root: secret-hospital}
                """);
        return PretrainPlan.newRun(
                Methods.load().specs().read(spec, settings), new RunId("plan-abc"), "me", Optional.of("a".repeat(40)));
    }

    @Test
    void parametersAreTheFlatSpecWithoutPaths() throws IOException {
        NewRun run = plan(List.of("batchSize=16"));
        assertThat(run.params())
                .containsEntry("batchSize", "16")
                .containsEntry("stages.0.stage", "1")
                .containsEntry("model.resnetBlocks", "[1,1,1,1]")
                .containsEntry("method", "prior");
        assertThat(run.params().toString()).doesNotContain("secret-hospital").doesNotContain("vocab.txt");
        assertThat(run.params().values()).allMatch(value -> value.length() <= 6000);
    }

    @Test
    void theDagIsAParameterAndWhatItIsGivenIsNot() throws IOException {
        assertThat(plan(List.of()).params()).containsEntry("prepare.airflow", "null");

        NewRun run = plan(List.of("prepare.airflow.dag=ingest", "prepare.airflow.conf.root=/secret-hospital"));

        assertThat(run.params()).containsEntry("prepare.airflow.dag", "ingest");
        assertThat(run.params().toString()).doesNotContain("secret-hospital");
        assertThat(run.identity().spec()).contains("secret-hospital");
    }

    @Test
    void tagsSayWhatMadeTheRun() throws IOException {
        NewRun run = plan(List.of());
        assertThat(run.tags())
                .containsEntry("mlflow.user", "me")
                .containsEntry("mlflow.source.git.commit", "a".repeat(40))
                .containsEntry("perdura.profile", "tiny")
                .containsEntry(
                        "perdura.deviations",
                        "model.dropout 0 (PRIOR: 0.1); model.tau 0.07 (PRIOR: 0.01); augment.hflip false (PRIOR: true)")
                .containsKey("mlflow.note.content");
        assertThat(run.identity().experiment()).isEqualTo("tests");
        assertThat(run.identity().specHash()).hasSize(64);
    }
}
