package perdura.datasets.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.datasets.data.ImageBatchConfig.View;
import perdura.datasets.ingest.TestingMimic;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SyntheticSet;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;

class TestImageBatches {
    private static final int SIDE = 32;
    private static final int BATCH = 8;

    @TempDir
    private static Path folder;

    private static DataSet siim;
    private static DataSet chexpert;

    @BeforeAll
    static void ingest() {
        siim = ingest(SynthConfig.Format.SIIM, SourceSet.SIIM, IngestSpec.Profile.PRIOR);
        chexpert = ingest(SynthConfig.Format.CHEXPERT, SourceSet.CHEXPERT, IngestSpec.Profile.SENSE);
    }

    @ParameterizedTest
    @EnumSource(View.class)
    void theStreamOfAnEpochHasOneDigestWithAnyThreadsAndAfterAResume(View view) {
        DataSet data = view == View.TRAIN_CROP ? chexpert : siim;
        String whole = digest(data, view, 1, 0, new BatchDigest());
        assertThat(digest(data, view, 2, 0, new BatchDigest())).isEqualTo(whole);
        assertThat(digest(data, view, 7, 0, new BatchDigest())).isEqualTo(whole);
        BatchDigest interrupted = new BatchDigest();
        try (ImageBatches batches = batches(data, view, 2)) {
            interrupted.add(batches.batch(3, 0));
        }
        assertThat(digest(data, view, 7, 1, interrupted)).isEqualTo(whole);
    }

    @Test
    void anEvaluationSeesEveryImageInOrderAndUnchanged() {
        List<ImageBatch> epoch = epoch(siim, View.EVALUATE, 3);
        assertThat(rows(epoch)).containsExactlyElementsOf(all(siim));
        assertThat(epoch.get(epoch.size() - 1).size()).isEqualTo((int) (siim.size() - 1) % BATCH + 1);
        byte[] stored = new byte[SIDE * SIDE];
        siim.images().read(siim.firstImage(BATCH + 2), stored, 0);
        FloatBuffer seen = epoch.get(1).images();
        for (int i = 0; i < stored.length; i++) {
            assertThat(seen.get(2 * stored.length + i)).isEqualTo(((stored[i] & 0xFF) / 255f - 0.4755f) / 0.3011f);
        }
        assertThat(epoch.get(1).labels().get(2)).isEqualTo(siim.label(BATCH + 2, 0));
    }

    @Test
    void anEvaluationSeesTheCentreOfAnImageWithAMargin() {
        int stored = Math.toIntExact(chexpert.images().shape().get(1));
        assertThat(stored).isGreaterThan(SIDE);
        byte[] pixels = new byte[stored * stored];
        chexpert.images().read(chexpert.firstImage(3), pixels, 0);
        FloatBuffer centre = batchOf(chexpert, View.EVALUATE, 3).images();
        int margin = (stored - SIDE) / 2;
        for (int i = 0; i < SIDE * SIDE; i++) {
            int at = (margin + i / SIDE) * stored + margin + i % SIDE;
            assertThat(centre.get(i)).isEqualTo(((pixels[at] & 0xFF) / 255f - 0.4755f) / 0.3011f);
        }
    }

    @Test
    void anEpochOfTrainingShufflesEveryImageIn() {
        List<Long> first = rows(epoch(siim, View.TRAIN_PLAIN, 0));
        assertThat(first).containsExactlyInAnyOrderElementsOf(all(siim)).isNotEqualTo(all(siim));
        assertThat(rows(epoch(siim, View.TRAIN_PLAIN, 1))).isNotEqualTo(first);
    }

    @Test
    void halfOfTheImagesAreTurnedTogetherWithTheirMasks() {
        int same = 0;
        int movedMasks = 0;
        for (ImageBatch batch : epoch(siim, View.TRAIN_AFFINE, 0)) {
            for (int i = 0; i < batch.size(); i++) {
                ImageBatch plain = batchOf(siim, View.EVALUATE, batch.rows().get(i));
                boolean sameImage = part(batch.images(), i).equals(part(plain.images(), 0));
                FloatBuffer mask = part(Objects.requireNonNull(batch.masks()), i);
                FloatBuffer plainMask = part(Objects.requireNonNull(plain.masks()), 0);
                same += sameImage ? 1 : 0;
                movedMasks += mask.equals(plainMask) ? 0 : 1;
                assertThat(sameImage && !mask.equals(plainMask)).isFalse();
                for (int p = 0; p < mask.limit(); p++) {
                    assertThat(mask.get(p)).isIn(0f, 1f);
                }
            }
        }
        assertThat((double) same / siim.size()).isBetween(0.3, 0.7);
        assertThat(movedMasks).isPositive();
    }

    @Test
    void cropsAndTurnsNeedASetThatWasIngestedForThem() {
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> batches(siim, View.TRAIN_CROP, 1))
                .withMessageContaining("leave no margin for crops of 32; ingest it with --profile sense");
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> batches(chexpert, View.TRAIN_AFFINE, 1))
                .withMessageContaining("it has no masks");
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> batches(chexpert, View.WHOLE, 1))
                .withMessageContaining("no array eval_images of 32 pixels");
    }

    private static DataSet ingest(SynthConfig.Format format, SourceSet set, IngestSpec.Profile profile) {
        Path root = folder.resolve(set.word());
        SyntheticSet.write(
                root,
                new SynthConfig(
                        format,
                        new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, 60),
                        3,
                        SynthConfig.DEFAULT_DIFFICULTY,
                        format.defaultImageSize(),
                        SynthConfig.SiimCopy.STAGE_1),
                2,
                done -> {});
        return TestingMimic.ingest(
                new IngestSpec(
                        set,
                        root,
                        profile,
                        SIDE,
                        null,
                        1,
                        IngestSpec.Sections.FINDINGS,
                        null,
                        IngestSpec.Sampling.STANDARD,
                        true,
                        false),
                folder.resolve("artifacts"));
    }

    private static ImageBatches batches(DataSet data, View view, int threads) {
        int[] rows = IntStream.range(0, (int) data.size()).toArray();
        return new ImageBatches(data, rows, new ImageBatchConfig(11, BATCH, view, Normalization.GREY, threads));
    }

    private static String digest(DataSet data, View view, int threads, long from, BatchDigest digest) {
        try (ImageBatches batches = batches(data, view, threads)) {
            for (long i = from; i < batches.batchesPerEpoch(); i++) {
                digest.add(batches.batch(3, i));
            }
            return digest.finish();
        }
    }

    private static List<ImageBatch> epoch(DataSet data, View view, int epoch) {
        List<ImageBatch> all = new ArrayList<>();
        try (ImageBatches batches = batches(data, view, 2)) {
            for (long i = 0; i < batches.batchesPerEpoch(); i++) {
                all.add(batches.batch(epoch, i));
            }
        }
        return all;
    }

    private static ImageBatch batchOf(DataSet data, View view, long row) {
        try (ImageBatches one = new ImageBatches(
                data, new int[] {(int) row}, new ImageBatchConfig(11, 1, view, Normalization.GREY, 1))) {
            return one.batch(0, 0);
        }
    }

    private static FloatBuffer part(FloatBuffer planes, int index) {
        return planes.slice(index * SIDE * SIDE, SIDE * SIDE);
    }

    private static List<Long> rows(List<ImageBatch> batches) {
        List<Long> rows = new ArrayList<>();
        batches.forEach(batch -> {
            for (int i = 0; i < batch.size(); i++) {
                rows.add(batch.rows().get(i));
            }
        });
        return rows;
    }

    private static List<Long> all(DataSet data) {
        return IntStream.range(0, (int) data.size()).mapToObj(Long::valueOf).toList();
    }
}
