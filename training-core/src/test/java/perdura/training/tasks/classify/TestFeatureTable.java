package perdura.training.tasks.classify;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.array.NpyFile;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.Normalization;
import perdura.datasets.split.RowList;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.TaskData;
import perdura.training.tasks.TestingImages;
import perdura.training.tasks.classify.LabelledBatches.LabelledBatch;
import perdura.training.tasks.classify.LinearProbe.FeatureInputs;
import perdura.training.torch.Torch;

class TestFeatureTable {
    private static final int ROWS = 70; // more than one pass
    private static final ImageEncoder ENCODER = new ImageEncoder(List.of(1, 1, 1, 1), 2, 1);

    @TempDir
    private Path folder;

    private final Torch torch = Torch.start("cpu", 1);
    private final List<Long> encoded = new ArrayList<>();
    private @Nullable TaskData data;

    private TaskData data() {
        return requireNonNull(data);
    }

    @BeforeEach
    void writeData() throws IOException {
        DataSet images = new TestingImages(folder.resolve("data"), SourceSet.RSNA, ROWS, 32, 32).write();
        data = TestingImages.task(images, 50, 60, ROWS);
    }

    @AfterEach
    void closeEngine() {
        torch.close();
    }

    @Test
    void theSameQuestionIsComputedOnce() throws IOException {
        NpyFile first = open(encoder(1), Normalization.GREY);
        assertThat(first.shape()).containsExactly((long) ROWS, 64L);
        assertThat(encoded).containsExactly(64L, 70L);
        open(encoder(1), Normalization.GREY);
        assertThat(encoded).hasSize(2);
        open(encoder(2), Normalization.GREY);
        open(encoder(1), Normalization.of(1, 0.5, 0.5));
        assertThat(encoded).hasSize(6);
        assertThat(names()).filteredOn(name -> !name.endsWith(".lock")).hasSize(3);
    }

    @Test
    void theFeaturesAreThoseOfTheEncoder() {
        FrozenEncoder encoder = encoder(1);
        NpyFile table = open(encoder, Normalization.GREY);
        RowList rows = RowList.of(3, 69, 0);
        ImageBatchConfig config = new ImageBatchConfig(0, 3, ImageBatchConfig.View.EVALUATE, Normalization.GREY, 1);
        try (LabelledImages images = new LabelledImages(data(), rows, config);
                FeatureInputs inputs = FeatureInputs.inOrder(table, data().labels(), rows, 3)) {
            LabelledBatch expected = images.batch(0, 0);
            LabelledBatch actual = inputs.batch(0, 0);
            assertThat(actual.targets()).isEqualTo(expected.targets());
            float[] features = new float[3 * 64];
            encoder.features(expected.inputs(), expected.sizes()).get(features);
            for (int i = 0; i < features.length; i++) {
                assertThat(actual.inputs().get(i)).isCloseTo(features[i], within(1e-6f));
            }
        }
    }

    @Test
    void damagedFeaturesAreComputedAnew() throws IOException {
        open(encoder(1), Normalization.GREY);
        Path file = features();
        byte[] whole = Files.readAllBytes(file);
        byte[] bad = whole.clone();
        bad[bad.length - 7] ^= 1;
        Files.write(file, bad);
        open(encoder(1), Normalization.GREY);
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        assertThat(encoded).hasSize(4);
    }

    @Test
    void whatAKilledProcessLeftIsRemoved() throws IOException {
        open(encoder(1), Normalization.GREY);
        Path made = requireNonNull(features().getParent());
        Path left = made.resolveSibling(made.getFileName() + ".writing-1");
        Files.move(made, left);
        open(encoder(1), Normalization.GREY);
        assertThat(left).doesNotExist();
        assertThat(features()).exists();
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        Files.writeString(folder.resolve("artifacts"), "a file");
        assertThatThrownBy(() -> open(encoder(1), Normalization.GREY))
                .isInstanceOfSatisfying(
                        PerduraException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.ARTIFACT_STORE_UNAVAILABLE))
                .hasMessageContaining("can't keep features");
    }

    private FrozenEncoder encoder(long seed) {
        return new FrozenEncoder(torch, ENCODER, new EncoderWeights.Random(), seed);
    }

    private NpyFile open(FrozenEncoder encoder, Normalization scale) {
        return new FeatureTable(
                        folder.resolve("artifacts"),
                        data().data(),
                        encoder,
                        scale,
                        List.of("test"),
                        DurableEffects.counting())
                .open(1, encoded::add);
    }

    private Path features() throws IOException {
        String key =
                names().stream().filter(name -> !name.contains(".")).findFirst().orElseThrow();
        return folder.resolve("artifacts/features").resolve(key).resolve("features.npy");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("artifacts/features"))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
