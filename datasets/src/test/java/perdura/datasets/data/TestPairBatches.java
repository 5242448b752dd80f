package perdura.datasets.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.PairBatches.PairDraws;
import perdura.datasets.ingest.TestingMimic;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.Overlong;
import perdura.grids.spec.PerduraException;

class TestPairBatches {
    private static final int STUDIES = 11;
    private static final int SIDE = TestingMimic.SIDE;

    @TempDir
    private static Path folder;

    private static DataSet data;

    @BeforeAll
    static void makeStudies() throws IOException {
        TestingMimic mimic = new TestingMimic(folder.resolve("mimic"));
        for (int i = 0; i < STUDIES; i++) {
            String study = Integer.toString(50_000_000 + i);
            mimic.study("10000001", study, "PA", "train").image("10000001", study, "b" + i, "AP", "train");
            mimic.report(
                    "10000001",
                    study,
                    TestingMimic.REPORT + " ADDENDUM: None.\n FINDINGS: " + "Clear. ".repeat(i)
                            + "No effusion. Effusion. Lungs clear. Lungs.\n");
        }
        data = TestingMimic.ingest(mimic.written(), folder.resolve("artifacts"));
    }

    @Test
    void batchesDontDependOnTheThreads() {
        List<PairBatch> one = epochs(1);
        assertThat(one).hasSize(2 * 3);
        assertThat(epochs(2)).isEqualTo(one);
        assertThat(epochs(7)).isEqualTo(one);
    }

    @Test
    void aBatchDoesntDependOnThoseBefore() {
        List<PairBatch> all = epochs(2);
        try (PairBatches source = source(config(3, augmented()))) {
            assertThat(source.batch(1, 1, 2)).isEqualTo(all.get(5));
            assertThat(source.batch(1, 0, 1)).isEqualTo(all.get(1));
            assertThat(source.batch(1, 0, 1)).isEqualTo(all.get(1));
        }
    }

    @Test
    void theStreamOfAnEpochHasOneDigestAfterAResumeToo() {
        String whole = digest(1, 0, new BatchDigest());
        assertThat(digest(2, 0, new BatchDigest())).isEqualTo(whole);
        assertThat(digest(7, 0, new BatchDigest())).isEqualTo(whole);
        BatchDigest interrupted = new BatchDigest();
        try (PairBatches source = source(config(2, augmented()))) {
            interrupted.add(source.batch(1, 3, 0));
        }
        assertThat(digest(7, 1, interrupted)).isEqualTo(whole);
        assertThat(digest(1, 1, new BatchDigest())).isNotEqualTo(whole);
    }

    private String digest(int threads, long from, BatchDigest digest) {
        try (DataLoader<PairBatch> stream = source(config(threads, augmented())).stage(1)) {
            for (long index = from; index < stream.batchesPerEpoch(); index++) {
                digest.add(stream.batch(3, index));
            }
        }
        return digest.finish();
    }

    @Test
    void epochsAndStagesDiffer() {
        try (PairBatches source = source(config(1, augmented()))) {
            PairBatch first = source.batch(1, 0, 0);
            assertThat(source.batch(1, 1, 0)).isNotEqualTo(first);
            assertThat(source.batch(2, 0, 0)).isNotEqualTo(first);
        }
    }

    @Test
    void theOrderIsTheSeededPermutation() {
        int[] order = Seeds.stream(20261L, "order", 1, 0).permutation(STUDIES);
        try (PairBatches source = source(config(1, new AugmentSpec(0, false, false)))) {
            PairBatch batch = source.batch(1, 0, 0);
            for (int row = 0; row < 3; row++) {
                long last = 0;
                for (int i = 0; i < batch.textLength(); i++) {
                    last = Math.max(last, batch.sentenceMap().get(row * batch.textLength() + i));
                }
                assertThat(last).isEqualTo(order[row] + 5L); // the impression, four sentences, and one more per index
            }
        }
    }

    @Test
    void anEpochMeetsEveryStudyOnceAndDropsThePartBatch() {
        try (PairBatches source = source(config(2, new AugmentSpec(0, false, true)))) {
            assertThat(source.batchesPerEpoch()).isEqualTo(3);
            Set<Long> lengths = new HashSet<>();
            for (int index = 0; index < 3; index++) {
                PairBatch batch = source.batch(1, 0, index);
                for (int row = 0; row < 3; row++) {
                    long length = 0;
                    for (int i = 0; i < batch.textLength(); i++) {
                        length += batch.attentionMask().get(row * batch.textLength() + i);
                    }
                    lengths.add(length); // another for each study
                }
            }
            assertThat(lengths).hasSize(9);
        }
    }

    @Test
    void textsArePaddedToTheLongestOfTheBatch() {
        try (PairBatches source = source(config(1, augmented()))) {
            PairBatch batch = source.batch(1, 0, 0);
            int full = 0;
            for (int row = 0; row < batch.size(); row++) {
                int start = row * batch.textLength();
                assertThat(batch.ids().get(start)).isEqualTo(101);
                assertThat(batch.sentenceMap().get(start)).isEqualTo(-1);
                int length = 0;
                while (length < batch.textLength() && batch.attentionMask().get(start + length) == 1) {
                    length++;
                }
                assertThat(batch.ids().get(start + length - 1)).isEqualTo(102);
                for (int i = length; i < batch.textLength(); i++) {
                    assertThat(batch.ids().get(start + i)).isZero();
                    assertThat(batch.sentenceMap().get(start + i)).isEqualTo(-1);
                }
                full += length == batch.textLength() ? 1 : 0;
            }
            assertThat(full).isPositive();
            assertThat(batch.images().isDirect() && batch.ids().isDirect()).isTrue();
            assertThat(batch.images().remaining()).isEqualTo(3 * SIDE * SIDE);
            assertThat(batch.images().get(0)).isBetween((0 - 0.4755f) / 0.3011f, (1 - 0.4755f) / 0.3011f);
        }
    }

    @Test
    void drawsAreUniform() {
        int flips = 0;
        int second = 0;
        double rotations = 0;
        for (int i = 0; i < 2000; i++) {
            PairDraws draws = new PairDraws(1, 1, 0, "s" + i);
            flips += draws.mirrored() ? 1 : 0;
            second += draws.image(2);
            assertThat(draws.rotation(5)).isBetween(-5.0, 5.0);
            rotations += Math.abs(draws.rotation(5));
        }
        assertThat(flips).isCloseTo(1000, within(90)); // four standard deviations
        assertThat(second).isCloseTo(1000, within(90));
        assertThat(rotations / 2000).isCloseTo(2.5, within(0.13));
    }

    @Test
    void overlongReportsAreCutAsTheConfigSays() {
        AugmentSpec plain = new AugmentSpec(0, false, false);
        try (PairBatches kept = source(new PairBatchConfig(20261, 3, 8, plain, 1));
                PairBatches lost = source(new PairBatchConfig(20261, 3, 8, Overlong.LOSE_SEP, plain, 1))) {
            assertThat(ids(kept.batch(1, 0, 0))).hasSize(3 * 8).contains((long) Vocabulary.END);
            assertThat(ids(lost.batch(1, 0, 0))).hasSize(3 * 8).doesNotContain((long) Vocabulary.END);
        }
    }

    private static List<Long> ids(PairBatch batch) {
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < batch.ids().remaining(); i++) {
            ids.add(batch.ids().get(i));
        }
        return ids;
    }

    @Test
    void tooFewStudiesAreRefused() {
        PairBatchConfig config = new PairBatchConfig(1, 12, 64, augmented(), 1);
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> source(config))
                .withMessageContainingAll("batchSize", "11 studies", "of 12");
    }

    @Test
    void anIndexPastTheEpochIsRefused() {
        try (PairBatches source = source(config(1, augmented()))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> source.batch(1, 0, 3))
                    .withMessageContainingAll("index", "[0, 3)", "was 3");
        }
    }

    private List<PairBatch> epochs(int threads) {
        List<PairBatch> batches = new ArrayList<>();
        try (PairBatches source = source(config(threads, augmented()))) {
            for (int epoch = 0; epoch < 2; epoch++) {
                for (int index = 0; index < source.batchesPerEpoch(); index++) {
                    batches.add(source.batch(1, epoch, index));
                }
            }
        }
        return batches;
    }

    private PairBatches source(PairBatchConfig config) {
        return new PairBatches(data, SplitRows.of(data, DataSpec.Split.TRAIN), config);
    }

    private static AugmentSpec augmented() {
        return new AugmentSpec(5, true, true);
    }

    private static PairBatchConfig config(int threads, AugmentSpec augment) {
        return new PairBatchConfig(20261, 3, 64, augment, threads);
    }
}
