package perdura.training.methods.sense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.training.checkpoint.FileDigest;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.TrainState;
import perdura.training.method.EpochPreparation;
import perdura.training.method.EpochPreparation.Combination;
import perdura.training.method.Methods;
import perdura.training.methods.sense.cluster.KMeans;

class TestSensePreparation {
    @TempDir
    private static Path shared;

    private static DataSet data;

    private static void alive() {}

    private static Path nothing(long step) {
        throw new IllegalStateException("nothing is prepared after " + step + " steps");
    }

    @BeforeAll
    static void ingest() {
        data = SenseStudies.ingest(shared, 60, 32, 0.2);
    }

    private static EpochPreparation preparation(PretrainSpec spec) {
        return Methods.load()
                .of(spec)
                .preparation(spec, SenseStudies.trained(data) / spec.batchSize())
                .orElseThrow();
    }

    private static Path folder(String name) throws IOException {
        return Files.createTempDirectory(shared, name);
    }

    private static List<Path> shards(PretrainSpec spec, SenseJob job, long step) throws IOException {
        EpochPreparation preparation = preparation(spec);
        List<Path> shards = new ArrayList<>();
        for (int shard = 0; shard < preparation.shards(step); shard++) {
            shards.add(folder("shard"));
            preparation.computeShard(job, step, shard, shards.get(shard), TestSensePreparation::alive);
        }
        return shards;
    }

    /** Combines shards of an epoch that begins after {@code step} steps, with nothing before it. */
    private static void combine(PretrainSpec spec, long step, List<Path> shards, int threads, Path scratch, Path kept)
            throws IOException {
        preparation(spec)
                .combine(
                        new Combination(
                                step,
                                shards,
                                TestSensePreparation::nothing,
                                threads,
                                scratch,
                                TestSensePreparation::alive),
                        kept);
    }

    @Test
    void onlyEpochsWithClustersHaveShards() {
        long epoch = SenseStudies.trained(data) / 8;
        PretrainSpec late = SenseStudies.small(data, "clusters.fromEpoch=2", "clusters.shardStudies=16");
        EpochPreparation preparation = preparation(late);
        assertThat(preparation.shards(0)).isZero();
        assertThat(preparation.shards(epoch)).isZero();
        assertThat(preparation.shards(2 * epoch))
                .isEqualTo((int) (epoch * 8 / 16))
                .isGreaterThan(1);
        PretrainSpec none = SenseStudies.small(data, "lossWeights.mmc=0");
        assertThat(Methods.load().of(none).preparation(none, epoch)).isEmpty();
    }

    /** Sentences that are shared and images that are computed together change nothing but rounding. */
    @Test
    void aStudysFeatureIsItsOwn() {
        for (String form : List.of("clusters.fusion=mean", "clusters.fusion=concat", "clusters.studyImages=sampled")) {
            PretrainSpec spec = SenseStudies.small(data, form, "seed=5");
            try (SenseJob job = SenseStudies.open(spec, data, TestSensePreparation::nothing)) {
                int[] rows = Arrays.copyOf(job.studies().rows(), 20);
                float[] together = job.features(TestSensePreparation::alive).run(1, 12, rows);
                int width = together.length / rows.length;
                assertThat(width).isEqualTo(form.endsWith("concat") ? 16 : 8);
                for (int i = 0; i < rows.length; i++) {
                    float[] alone = job.features(TestSensePreparation::alive).run(1, 12, new int[] {rows[i]});
                    assertThat(Arrays.copyOfRange(together, i * width, (i + 1) * width))
                            .containsExactly(alone, within(2e-5f));
                    double square = 0;
                    for (float value : alone) {
                        square += (double) value * value;
                    }
                    assertThat(square).isCloseTo(1, within(1e-5));
                }
            }
        }
    }

    @Test
    void shardsAreCombinedToTheClustersOfTheirFeatures() throws IOException {
        PretrainSpec spec = SenseStudies.small(data, "clusters.shardStudies=16", "clusters.concentration=true");
        Path combined = folder("combined");
        try (SenseJob job = SenseStudies.open(spec, data, step -> combined)) {
            String before = StateDigest.of(job.positionAfter(0), job.copyState());
            List<Path> shards = shards(spec, job, 0);
            assertThat(StateDigest.of(job.positionAfter(0), job.copyState())).isEqualTo(before);
            combine(spec, 0, shards, 2, folder("scratch"), combined);

            int studies = job.studies().rows().length;
            PreparedClusters found = PreparedClusters.read(combined, studies);
            assertThat(found.count()).isEqualTo(KMeans.resolveClusters(studies, 4));
            assertThat(Arrays.stream(found.sizes()).sum()).isEqualTo(studies);
            float[] features = job.features(TestSensePreparation::alive)
                    .run(0, 0, job.studies().rows());
            for (int i = 0; i < studies; i++) {
                assertThat(distance(features, i, found, found.labels()[i]))
                        .isLessThanOrEqualTo(nearest(features, i, found) + 1e-4);
            }
            assertThat(found.spread()).isBetween(1e-4, 2.0);
            double phi = 0;
            for (float each : found.phi()) {
                phi += each;
            }
            assertThat(phi / found.count()).isCloseTo(0.1, within(1e-6));

            job.epochBegins(job.positionAfter(0));
            assertThat(job.step(0)).containsKey("train/loss_mmc");
        }
    }

    @Test
    void shardsOutOfTheirOrderAreRefused() throws IOException {
        PretrainSpec spec = SenseStudies.small(data, "clusters.shardStudies=16");
        try (SenseJob job = SenseStudies.open(spec, data, TestSensePreparation::nothing)) {
            List<Path> shards = new ArrayList<>(shards(spec, job, 0));
            Collections.swap(shards, 0, 1);
            assertThatThrownBy(() -> combine(spec, 0, shards, 1, folder("scratch"), folder("lost")))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED))
                    .hasMessageContaining(shards.get(1).toString())
                    .hasMessageContaining("row " + job.studies().rows()[0]);
        }
    }

    private static double nearest(float[] features, int i, PreparedClusters found) {
        double least = Double.POSITIVE_INFINITY;
        for (int k = 0; k < found.count(); k++) {
            least = Math.min(least, distance(features, i, found, k));
        }
        return least;
    }

    private static double distance(float[] features, int i, PreparedClusters found, int k) {
        double sum = 0;
        for (int d = 0; d < found.width(); d++) {
            sum += Math.pow(features[i * found.width() + d] - found.means()[k * found.width() + d], 2);
        }
        return sum;
    }

    @Test
    void aCombinationThatIsKilledAnywhereEndsWithTheSameBytes() throws IOException {
        PretrainSpec spec = SenseStudies.small(data, "clusters.iterations=4", "clusters.shardStudies=16");
        try (SenseJob job = SenseStudies.open(spec, data, TestSensePreparation::nothing)) {
            List<Path> shards = shards(spec, job, 0);
            EpochPreparation preparation = preparation(spec);
            Path undisturbed = folder("undisturbed");
            int[] calls = {0};
            preparation.combine(
                    new Combination(0, shards, TestSensePreparation::nothing, 1, folder("scratch"), () -> calls[0]++),
                    undisturbed);
            assertThat(calls[0]).isGreaterThan(3);
            boolean resumed = false;
            for (int killed = 1; killed <= calls[0]; killed++) {
                Path scratch = folder("scratch");
                int[] left = {killed};
                assertThatThrownBy(() -> preparation.combine(
                                new Combination(0, shards, TestSensePreparation::nothing, 1, scratch, () -> {
                                    if (--left[0] == 0) {
                                        throw new IllegalStateException("killed");
                                    }
                                }),
                                folder("lost")))
                        .hasMessage("killed");
                resumed |= !files(scratch).isEmpty();
                Path again = folder("again");
                combine(spec, 0, shards, 3, scratch, again);
                assertThat(digest(again)).as("killed at %d", killed).isEqualTo(digest(undisturbed));
            }
            assertThat(resumed).isTrue();
        }
    }

    @Test
    void aRoundThatIsDamagedOrOfOtherSizesIsComputedAgain() throws IOException {
        PretrainSpec spec = SenseStudies.small(data, "clusters.iterations=3");
        try (SenseJob job = SenseStudies.open(spec, data, TestSensePreparation::nothing)) {
            List<Path> shards = shards(spec, job, 0);
            Path undisturbed = folder("undisturbed");
            Path scratch = folder("scratch");
            combine(spec, 0, shards, 1, scratch, undisturbed);
            Path round = files(scratch).get(0);
            byte[] bytes = Files.readAllBytes(round);
            bytes[bytes.length - 1] ^= 1;
            Files.write(round, bytes);
            Path again = folder("again");
            combine(spec, 0, shards, 1, scratch, again);
            assertThat(digest(again)).isEqualTo(digest(undisturbed));

            PretrainSpec fewer = SenseStudies.small(data, "clusters.iterations=3", "clusters.count=1");
            Path one = folder("one");
            combine(fewer, 0, shards, 1, scratch, one);
            assertThat(PreparedClusters.read(one, job.studies().rows().length).count())
                    .isEqualTo(1);
        }
    }

    @Test
    void aWarmStartBeginsWithTheCentroidsOfTheEpochBefore() throws IOException {
        PretrainSpec cold = SenseStudies.small(data);
        PretrainSpec warm = SenseStudies.small(data, "clusters.warmStart=true");
        long epoch = SenseStudies.trained(data) / 8;
        try (SenseJob job = SenseStudies.open(warm, data, TestSensePreparation::nothing)) {
            List<Path> shards = shards(warm, job, 0);
            Path first = folder("first");
            combine(warm, 0, shards, 1, folder("scratch"), first);
            Path second = folder("second");
            preparation(warm)
                    .combine(
                            new Combination(
                                    epoch, shards, step -> first, 1, folder("scratch"), TestSensePreparation::alive),
                            second);
            Path other = folder("other");
            combine(cold, epoch, shards, 1, folder("scratch"), other);

            int studies = job.studies().rows().length;
            PreparedClusters before = PreparedClusters.read(first, studies);
            PreparedClusters after = PreparedClusters.read(second, studies);
            // The same features: what was settled stays.
            assertThat(after.labels()).containsExactly(before.labels());
            assertThat(after.objectives()[0]).isEqualTo(before.objectives()[before.objectives().length - 1]);
            assertThat(PreparedClusters.read(other, studies).objectives()[0]).isGreaterThan(after.objectives()[0]);
        }
    }

    @Test
    void aFeatureThatIsNotFiniteIsNamed() {
        PretrainSpec spec = SenseStudies.small(data);
        long epoch = SenseStudies.trained(data) / 8;
        try (SenseJob job = SenseStudies.open(spec, data, TestSensePreparation::nothing)) {
            TrainState state = job.copyState();
            state.section("momentum").stream()
                    .filter(tensor -> tensor.name().equals("text.crossHead.2.bias"))
                    .forEach(tensor -> tensor.data().putFloat(0, Float.NaN));
            job.loadState(job.positionAfter(1), state);
            int row = job.studies().rows()[0];
            assertThatThrownBy(() ->
                            preparation(spec).computeShard(job, epoch, 0, folder("shard"), TestSensePreparation::alive))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRAINING_DIVERGED))
                    .hasMessageContaining(data.sampleId(row))
                    .hasMessageContaining("row " + row)
                    .hasMessageContaining("before epoch 1, after " + epoch + " steps");
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> listed = Files.list(folder)) {
            return listed.toList();
        }
    }

    private static String digest(Path folder) throws IOException {
        return FileDigest.of(folder.resolve("clusters.safetensors")).sha256();
    }
}
