package perdura.training.methods.sense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.SplitRows;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.checkpoint.CheckpointReader.LoadedCheckpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.StepDiagnostics;
import perdura.training.method.EpochPreparation;

class TestSenseJob {
    @TempDir
    private static Path shared;

    private static DataSet data;

    @BeforeAll
    static void ingest() {
        data = SenseStudies.ingest(shared, 56, 32, 0.2);
    }

    /** Clusters that are drawn: of which epoch they are decides them alone. */
    private static EpochPreparation.Results drawn(PretrainSpec spec) {
        return step -> {
            int studies = SenseStudies.trained(data);
            RandomStream random = Seeds.stream(spec.seed(), "drawn", step);
            int[] labels = new int[studies];
            for (int i = 0; i < studies; i++) {
                labels[i] = random.bounded(4);
            }
            float[] centroids = new float[4 * 8];
            for (int i = 0; i < 4; i++) {
                centroids[9 * i] = 1;
            }
            float[] phi = {0.1f, 0.1f, 0.2f, 0.1f};
            return written(new PreparedClusters(labels, 8, centroids, centroids, phi, new double[] {3, 2}, 1, 0.5));
        };
    }

    private static Path written(PreparedClusters clusters) {
        try {
            Path folder = Files.createTempDirectory(shared, "prepared");
            clusters.write(folder);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SenseJob open(PretrainSpec spec) {
        return SenseStudies.open(spec, data, drawn(spec));
    }

    /** Runs steps as the loop does, epoch by epoch. */
    private static List<Map<String, Double>> run(SenseJob job, long from, long to) {
        List<Map<String, Double>> all = new ArrayList<>();
        for (long step = from; step < to; step++) {
            if (step == from
                    || job.positionAfter(step).epoch()
                            != job.positionAfter(step - 1).epoch()) {
                job.epochBegins(job.positionAfter(step));
            }
            Map<String, Double> metrics = new LinkedHashMap<>(job.step(step));
            if (job.positionAfter(step + 1).epoch() != job.positionAfter(step).epoch()) {
                metrics.putAll(ended(job, step).metrics());
            }
            all.add(metrics);
        }
        return all;
    }

    private static StepDiagnostics ended(SenseJob job, long step) {
        return job.epochEnded(new Position(1, job.positionAfter(step).epoch(), step + 1));
    }

    @Test
    void aJobStoppedAtAnyStepEndsWithTheSameBits() {
        stopEverywhere("drop", SenseStudies.small(data));
    }

    @Test
    void soDoesOneWithEveryOtherForm() {
        stopEverywhere(
                "forms",
                SenseStudies.small(
                        data,
                        "seed=7",
                        "losses.mmcForm=queue-label",
                        "losses.symmetricViews=true",
                        "losses.sameStudyKeys=positive",
                        "losses.clusterMask=true",
                        "model.uniProjectors=false",
                        "microBatchSize=4",
                        "clusters.fromEpoch=1"));
    }

    private static void stopEverywhere(String name, PretrainSpec spec) {
        List<Checkpoint> checkpoints = new ArrayList<>();
        List<Map<String, Double>> metrics = new ArrayList<>();
        CheckpointWriter writer =
                new CheckpointWriter(shared, new RunId("stopped-" + name), 1, "c0ffee", DurableEffects.counting());
        int steps;
        try (SenseJob job = open(spec)) {
            steps = Math.toIntExact(job.totalSteps());
            for (long step = 0; step < steps; step++) {
                checkpoints.add(writer.write(job.positionAfter(step), job.copyState(), null));
                metrics.addAll(run(job, step, step + 1));
            }
            checkpoints.add(writer.write(job.positionAfter(steps), job.copyState(), null));
        }
        assertThat(steps).isGreaterThan(10);
        for (int stopped = 1; stopped < steps; stopped++) {
            try (SenseJob job = open(spec)) {
                LoadedCheckpoint loaded = CheckpointReader.read(
                        checkpoints.get(stopped).folder(),
                        checkpoints.get(stopped).manifestDigest());
                job.loadState(loaded.position(), loaded.state());
                int until = Math.min(steps, stopped + 7); // past the end of an epoch
                assertThat(run(job, stopped, until)).isEqualTo(metrics.subList(stopped, until));
                assertThat(StateDigest.of(job.positionAfter(until), job.copyState()))
                        .as("stopped at %d", stopped)
                        .isEqualTo(checkpoints.get(until).stateDigest());
            }
        }
    }

    @Test
    void theStateHasItsSectionsInAFixedOrder() {
        try (SenseJob job = open(SenseStudies.small(data))) {
            TrainState before = job.copyState();
            assertThat(before.sections().keySet())
                    .containsExactly("weights", "optimizer", "momentum", "queue", "totals");
            assertThat(before.section("momentum"))
                    .extracting(HostTensor::name)
                    .isEqualTo(before.weights().stream().map(HostTensor::name).toList());
            assertThat(before.section("queue"))
                    .extracting(HostTensor::name)
                    .containsExactly(
                            "imageCross", "textCross", "imageUni", "textUni", "studyKeys", "position", "count");
        }
    }

    @Test
    void stepsAndEpochsTellTheirFigures() {
        PretrainSpec spec = SenseStudies.small(data);
        try (SenseJob job = open(spec)) {
            long perEpoch = job.totalSteps() / 3;
            List<Map<String, Double>> metrics = run(job, 0, 2 * perEpoch);
            assertThat(metrics.get(0).keySet())
                    .containsExactlyInAnyOrder(
                            "train/loss",
                            "train/loss_cmc",
                            "train/loss_mmc",
                            "train/loss_umc",
                            "train/cmc_positive",
                            "train/cmc_negative",
                            "train/umc_positive",
                            "train/umc_negative",
                            "train/learning_rate",
                            "train/queue_filled",
                            "train/grad_norm");
            assertThat(metrics).extracting(all -> all.get("train/queue_filled")).startsWith(8.0, 12.0, 12.0);
            Map<String, Double> first = metrics.get((int) perEpoch - 1);
            assertThat(first).containsEntry("epoch/kmeans_objective", 2.0).doesNotContainKey("epoch/labels_nmi");
            assertThat(first.get("epoch/cluster_size_p0")).isLessThanOrEqualTo(first.get("epoch/cluster_size_p50"));
            assertThat(first.get("epoch/loss_mmc"))
                    .isCloseTo(
                            metrics.subList(0, (int) perEpoch).stream()
                                    .mapToDouble(step -> step.get("train/loss_mmc"))
                                    .average()
                                    .orElseThrow(),
                            offset(1e-12));
            assertThat(metrics.get(2 * (int) perEpoch - 1).get("epoch/labels_nmi"))
                    .isBetween(0.0, 0.5);
            assertThat(first)
                    .containsKeys(SenseJob.SELECTION, "validation/loss_cmc", "validation/image_to_report_recall_at_1");
        }
    }

    @Test
    void aWeightOfZeroLeavesItsBranchOut() {
        PretrainSpec spec = SenseStudies.small(data, "lossWeights.mmc=0", "lossWeights.umc=0");
        EpochPreparation.Results none = step -> {
            throw new IllegalStateException("nothing is prepared");
        };
        try (SenseJob job = SenseStudies.open(spec, data, none)) {
            List<Map<String, Double>> metrics = run(job, 0, job.totalSteps());
            assertThat(metrics.get(0))
                    .containsKey("train/loss_cmc")
                    .doesNotContainKeys("train/loss_mmc", "train/loss_umc");
            assertThat(job.copyState().section("totals")).hasSize(1);
            assertThat(job.copyState().section("queue"))
                    .extracting(HostTensor::name)
                    .contains("imageCross");
        }
    }

    @Test
    void weightsAloneBeginWithAMomentumNetworkLikeThem() {
        PretrainSpec spec = SenseStudies.small(data);
        try (SenseJob trained = open(spec);
                SenseJob fresh = open(spec)) {
            run(trained, 0, 3);
            fresh.loadState(
                    trained.positionAfter(0),
                    TrainState.ofWeights(trained.copyState().weights()));
            TrainState state = fresh.copyState();
            for (int i = 0; i < state.weights().size(); i++) {
                assertThat(state.section("momentum").get(i).data())
                        .isEqualTo(state.weights().get(i).data());
            }
            assertThat(state.section("queue"))
                    .filteredOn(tensor -> tensor.name().equals("count"))
                    .allSatisfy(count -> assertThat(count.data().get(0)).isZero());
        }
    }

    @Test
    void aQueueThatMayBeStaleIsToldAtTheFirstStep() {
        try (SenseJob job = open(SenseStudies.small(data, "queueLength=64", "clusters.count=20"))) {
            assertThat(job.stepEnded(0).events())
                    .extracting(OnceEvent::kind)
                    .containsExactly("QUEUE_MAY_BE_STALE", "FEWER_CLUSTERS");
            assertThat(job.stepEnded(1).events()).isEmpty();
        }
        try (SenseJob job = open(SenseStudies.small(data, "queueLength=8"))) {
            assertThat(job.stepEnded(0).events()).isEmpty();
        }
    }

    @Test
    void featuresThatDoNotSpreadAreToldAfterAQuarterOfTheEpochs() {
        try (SenseJob job = open(SenseStudies.small(data, "epochs=8"))) {
            long perEpoch = job.totalSteps() / 8;
            run(job, 0, perEpoch);
            assertThat(ended(job, perEpoch - 1).events()).isEmpty();
            run(job, perEpoch, 2 * perEpoch);
            assertThat(ended(job, 2 * perEpoch - 1).events())
                    .extracting(OnceEvent::kind)
                    .contains("FEATURES_DO_NOT_SPREAD");
        }
    }

    @Test
    void tooFewHeldOutStudiesAreTold() {
        PretrainSpec spec = SenseStudies.small(data, "validation.pairs=1");
        try (SenseJob job = open(spec)) {
            StepDiagnostics end = ended(job, job.totalSteps() / 3 - 1);
            assertThat(end.events()).extracting(OnceEvent::kind).containsExactly("NOT_VALIDATED");
            assertThat(end.metrics()).isEmpty();
        }
    }

    @Test
    void aStudyWithoutASentenceIsRefusedByItsName() throws IOException {
        Path source = DataSet.folder(shared.resolve("artifacts"), data.header().digest());
        Path copy = Files.createDirectory(shared.resolve("silent"));
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        Path offsets = copy.resolve("report_offsets.npy");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(offsets)).order(ByteOrder.LITTLE_ENDIAN);
        int begin = bytes.capacity() - Long.BYTES * Math.toIntExact(data.size() + 1);
        int row = SplitRows.of(data, DataSpec.Split.TRAIN)[2];
        bytes.putLong(begin + Long.BYTES * (row + 1), bytes.getLong(begin + Long.BYTES * row));
        Files.write(offsets, bytes.array());

        DataSet silent = DataSet.open(copy);
        assertThatThrownBy(() -> SenseStudies.open(SenseStudies.small(data), silent, step -> shared))
                .isInstanceOfSatisfying(PerduraException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA);
                    assertThat(e.getMessage()).contains("study " + data.sampleId(row), "no sentence");
                });
    }

    @Test
    void moreClustersThanStudiesAreRefused() {
        int studies = SenseStudies.trained(data);
        assertThatThrownBy(() -> open(SenseStudies.small(data, "clusters.count=" + (studies + 1))))
                .isInstanceOfSatisfying(PerduraException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    assertThat(e.getMessage()).contains("clusters.count", "" + studies, "" + (studies + 1));
                });
    }

    @Test
    void clustersOfOtherStudiesAreRefused() {
        PretrainSpec spec = SenseStudies.small(data);
        EpochPreparation.Results other = step -> written(
                new PreparedClusters(new int[3], 8, new float[8], new float[8], new float[1], new double[] {1}, 0, 1));
        try (SenseJob job = SenseStudies.open(spec, data, other)) {
            assertThatThrownBy(() -> job.epochBegins(Position.START))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED))
                    .hasMessageContaining("labels");
        }
    }
}
