package perdura.training.methods.sense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.data.Normalization;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.method.Method;
import perdura.training.method.Methods;
import perdura.training.method.PairModel;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

class TestSensePairModels {
    @TempDir
    private static Path shared;

    private static DataSet data;
    private static PretrainSpec spec;
    private static CheckpointWeights weights;

    @BeforeAll
    static void train() {
        data = SenseStudies.ingest(shared, 40, 32, 0.2);
        spec = SenseStudies.small(data, "lossWeights.mmc=0", "epochs=1", "warmupEpochs=0");
        CheckpointWriter writer =
                new CheckpointWriter(shared, new RunId("pairs"), 1, "c0ffee", DurableEffects.counting());
        try (SenseJob job = SenseStudies.open(spec, data, step -> shared)) {
            job.epochBegins(job.positionAfter(0));
            for (long step = 0; step < 3; step++) {
                job.step(step);
            }
            Checkpoint checkpoint = writer.write(job.positionAfter(3), job.copyState(), null);
            weights = new CheckpointWeights(checkpoint.folder(), checkpoint.manifestDigest());
        }
    }

    private interface Use {
        void of(PairModel model, StepScope scope);
    }

    private static void withModel(PretrainSpec spec, Use use) {
        Method method = Methods.load().of(spec);
        try (Torch torch = Torch.start("cpu", 1);
                PairModel model = method.pairModels()
                        .orElseThrow()
                        .open(torch, spec, 1, data.vocabulary().size(), weights);
                StepScope scope = torch.newStep()) {
            use.of(model, scope);
        }
    }

    private static ImageBatches images(int... rows) {
        return new ImageBatches(
                data, rows, new ImageBatchConfig(0, rows.length, ImageBatchConfig.View.EVALUATE, Normalization.RGB, 1));
    }

    @Test
    void everyImageIsScoredWithEveryReport() {
        int[] rows = IntStream.range(0, 6).toArray();
        withModel(spec, (model, scope) -> {
            PairModel.Texts all = model.reports(scope, data, rows, () -> {});
            assertThat(all.size()).isEqualTo(6);
            assertThat(all.sentenceCount())
                    .isEqualTo(IntStream.of(rows).map(data::sentenceCount).sum());
            try (ImageBatches images = images(rows)) {
                PairModel.PairScores scores = model.score(scope, images.batch(0, 0), all, () -> {});
                PairModel.Texts one = model.reports(scope, data, new int[] {4}, () -> {});
                PairModel.PairScores single = model.score(scope, images.batch(0, 0), one, () -> {});
                for (int i = 0; i < 6; i++) {
                    assertThat(scores.cosines(i)).hasSize(6);
                    assertThat(scores.cosines(i)[4]).isBetween(-1.0001, 1.0001);
                    assertThat(single.cosines(i)[0]).isCloseTo(scores.cosines(i)[4], offset(1e-5));
                }
            }
            assertThat(Math.exp(model.logScale())).isCloseTo(10, offset(1e-12));
        });
    }

    /** Under Max-Max a prompt of a report's sentences is the report, in any order. */
    @Test
    void aPromptIsReadAsAReportIs() {
        withModel(spec, (model, scope) -> {
            PairModel.Texts prompts = model.prompts(
                    scope,
                    data.vocabulary(),
                    List.of(
                            List.of("No pneumothorax.", "No pleural effusion"),
                            List.of("no pleural effusion. no pneumothorax")));
            try (ImageBatches images = images(0, 1)) {
                PairModel.PairScores scores = model.score(scope, images.batch(0, 0), prompts, () -> {});
                for (int i = 0; i < 2; i++) {
                    assertThat(scores.cosines(i)[0]).isCloseTo(scores.cosines(i)[1], offset(1e-6));
                }
            }
        });
    }

    @Test
    void aPromptThatCantBeReadIsRefused() {
        withModel(spec, (model, scope) -> {
            assertRefused(model, scope, "no evidence of Привет", "UNK");
            assertRefused(model, scope, "no pneumothorax ".repeat(30), "48");
            assertRefused(model, scope, "", "1 to 24");
        });
    }

    private static void assertRefused(PairModel model, StepScope scope, String prompt, String why) {
        assertThatThrownBy(() -> model.prompts(scope, data.vocabulary(), List.of(List.of(prompt))))
                .isInstanceOfSatisfying(PerduraException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    assertThat(e.getMessage()).contains("the prompt", why);
                });
    }

    @Test
    void theEncoderIsOneOfThreePlanes() {
        Method method = Methods.load().of(spec);
        assertThat(method.imageEncoder(spec).channels()).isEqualTo(3);
        assertThat(method.normalization()).isSameAs(Normalization.RGB);
        assertThat(method.layout(spec, data.vocabulary().size()).shapes().keySet())
                .containsAll(method.imageEncoder(spec).layout().shapes().keySet());
    }
}
