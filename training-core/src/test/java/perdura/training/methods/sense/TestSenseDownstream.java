package perdura.training.methods.sense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SourceSet;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.method.Figure;
import perdura.training.method.Methods;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.PretrainedEncoder;
import perdura.training.tasks.PretrainedModel;
import perdura.training.tasks.Tasks;
import perdura.training.tasks.TestingImages;
import perdura.training.tasks.TestingTrial;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

/** What downstream tasks and figures make of a SENSE that has trained three epochs of nothing but S-CMC. */
class TestSenseDownstream {
    private static final Pattern SHARE = Pattern.compile("title=\"([0-9.]+) %\"");

    @TempDir
    private static Path folder;

    private static DataSet data;
    private static DataSet rsna;
    private static PretrainSpec spec;
    private static Checkpoint checkpoint;

    @BeforeAll
    static void train() throws IOException {
        rsna = new TestingImages(folder.resolve("rsna"), SourceSet.RSNA, 80, 36, 32)
                .write(List.of("finding"), (row, label) -> TestingImages.label(row, 0));
        data = SenseStudies.ingest(folder, 120, 32, 0.2);
        spec = SenseStudies.small(data, "lossWeights.mmc=0");
        try (SenseJob job = SenseStudies.open(spec, data, step -> folder)) {
            for (long step = 0; step < 6; step++) {
                if (step == 0) {
                    job.epochBegins(job.positionAfter(0));
                }
                job.step(step);
            }
            checkpoint = new CheckpointWriter(
                            folder, new RunId("sense-1"), 1, "0".repeat(64), DurableEffects.counting())
                    .write(job.positionAfter(6), job.copyState(), null);
        }
    }

    private static TestingTrial trial(String task) {
        PretrainedEncoder encoder = new PretrainedEncoder(
                "stage 1 of run sense-1",
                Methods.load().of(spec).imageEncoder(spec),
                Methods.load().of(spec).normalization(),
                new PretrainedModel(
                        spec,
                        1,
                        DataSet.folder(
                                folder.resolve("artifacts"), data.header().digest())));
        return new TestingTrial(Tasks.load().task(task))
                .from(encoder, new EncoderWeights.OfCheckpoint(checkpoint.folder(), checkpoint.manifestDigest()));
    }

    @Test
    void pairsAreRetrievedByItsCosines() {
        Map<String, Double> metrics = trial("pair-retrieval").on(data).train(folder.resolve("artifacts"));
        assertThat(metrics.get("test/recall_sum")).isBetween(0.0, 6.0);
        assertThat(metrics.get("evaluated/test_images"))
                .as("studies have several images")
                .isGreaterThanOrEqualTo(metrics.get("evaluated/test_texts"));
        assertThat(trial("pair-retrieval").on(data).train(folder.resolve("artifacts")))
                .isEqualTo(metrics);
    }

    @Test
    void aQuestionOfTwoPromptsIsAnsweredOrRefused() throws IOException {
        Map<String, Double> metrics = trial("zero-shot-binary")
                .on(rsna)
                .with("positivePrompt", "there is an effusion")
                .with("negativePrompt", "there is no effusion")
                .train(folder.resolve("artifacts"));
        assertThat(metrics.get("test/accuracy")).isBetween(0.0, 1.0);
        assertThatThrownBy(() -> trial("zero-shot-binary")
                        .on(rsna)
                        .with("positivePrompt", "there is a \u2603")
                        .with("negativePrompt", "there is no effusion")
                        .check())
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContaining("[UNK]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear-probe", "supervised-classification"})
    void itsEncoderOfImagesIsTakenOver(String task) {
        TestingTrial trial = trial(task).on(rsna).with("epochs", 1L);
        if (task.equals("supervised-classification")) {
            trial.with("imageSize", 32L);
        }
        Map<String, Double> metrics = trial.train(folder.resolve("artifacts"));
        assertThat(metrics.get("test/loss")).isFinite().isPositive();
    }

    @Test
    void theStripsOfItsFigureAddUpToTheWholeFeature(@TempDir Path out) throws IOException {
        Figure figure = Methods.load().of(spec).figures().get(0);
        assertThat(figure.showsReports()).isTrue();
        assertThat(figure.canShow(spec, 1)).isTrue();
        String page = draw(figure, out.resolve("one"), 1);
        assertThat(draw(figure, out.resolve("again"), 1)).isEqualTo(page);
        assertThat(page).contains("&lt;cls&gt;", "&lt;sep&gt;", "Max, the same weights", "Max-Max, as it was trained");
        String[] strips = page.split("<h3>", -1);
        assertThat(strips).hasSize(1 + 4 * 6);
        for (int i = 1; i < strips.length; i += 2) {
            assertThat(strips[i + 1]).contains("weighed by the pull on the image");
            assertThat(shares(strips[i + 1])).isNotEqualTo(shares(strips[i]));
        }
        Arrays.stream(strips).skip(1).forEach(strip -> {
            List<Double> shares = shares(strip);
            double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
            assertThat(sum).isCloseTo(100, within(0.06 * shares.size())); // each is rounded to a tenth
            assertThat(strip).contains(",1.000)");
        });
    }

    private static List<Double> shares(String strip) {
        return SHARE.matcher(strip)
                .results()
                .map(share -> Double.valueOf(share.group(1)))
                .toList();
    }

    private static String draw(Figure figure, Path out, long seed) throws IOException {
        try (Torch torch = Torch.start("cpu", 1)) {
            List<Path> files = figure.draw(
                    new Figure.Source(
                            spec,
                            torch,
                            data,
                            seed,
                            List.of(new Figure.Trained(
                                    1,
                                    false,
                                    new CheckpointWeights(checkpoint.folder(), checkpoint.manifestDigest())))),
                    out);
            assertThat(files).containsExactly(out.resolve("figure1-tokens.html"));
            return Files.readString(files.get(0));
        }
    }
}
