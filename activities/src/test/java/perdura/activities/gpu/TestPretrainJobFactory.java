package perdura.activities.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.cpu.DataPreparation.DataPlan;
import perdura.activities.cpu.IngestedData;
import perdura.activities.gpu.PretrainJobFactory.DatasetRef;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.store.DataSets.NewDataSet;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.loop.TrainingJob;
import perdura.training.method.Methods;
import perdura.training.nn.EncoderShapes;
import perdura.training.weights.WeightImporter;
import perdura.training.weights.WeightImporter.WeightImport;
import perdura.training.weights.WeightSet;
import perdura.training.weights.WeightStore;

class TestPretrainJobFactory {
    @TempDir
    private Path folder;

    private final List<NewDataSet> recorded = new ArrayList<>();
    private Path artifacts = Path.of("");
    private Path data = Path.of("");

    @BeforeEach
    void makeData() throws IOException {
        artifacts = folder.resolve("artifacts");
        data = folder.resolve("data");
        MimicCxrSynth.write(data, SynthConfig.of(20, 5), done -> {});
    }

    @Test
    void filesThatASpecNamesAreIngestedAndTrainedOn() throws IOException {
        PretrainSpec spec = spec("root: data");
        DataPlan plan = prepare(spec, null);

        assertThat(plan.stepsPerEpoch()).isEqualTo(plan.studies() / 4);
        assertThat(recorded).singleElement().satisfies(data -> {
            assertThat(data.digest()).isEqualTo(plan.dataDigest());
            assertThat(data.source().imageSize()).isEqualTo(64);
        });
        assertThat(firstLoss(spec, plan)).isPositive();
        PretrainSpec pinned = spec.onDataset(plan.dataDigest());
        assertThat(prepare(pinned, null)).isEqualTo(plan);
        assertThat(firstLoss(pinned, plan)).isEqualTo(firstLoss(spec, plan));
    }

    @Test
    void aSetWithTooFewStudiesForValidationIsTrainedOnAndToldOf() throws IOException {
        PretrainSpec spec = spec("root: data");
        DataPlan plan = prepare(spec, null);
        try (TrainingJob job = PretrainJobFactory.open(spec, new DatasetRef(plan.dataDigest(), artifacts), 1, "cpu")) {
            for (long step = 0; step < plan.stepsPerEpoch(); step++) {
                job.step(step);
            }
            assertThat(job.epochEnded(job.positionAfter(plan.stepsPerEpoch())).events())
                    .filteredOn(event -> event.kind().equals("NOT_VALIDATED"))
                    .singleElement()
                    .satisfies(event -> assertThat(event.detail()).contains("less than a batch of 4"));
            assertThat(job.samplesPerStep()).isEqualTo(4);
            assertThat(job.waitedForData()).isPositive();
        }
    }

    @Test
    void anotherMethodIsIngestedForAndTrainedAndGoesOn() throws IOException {
        PretrainSpec spec = specOf("toy", "root: data");
        DataPlan plan = prepare(spec, null);
        DatasetRef known = new DatasetRef(plan.dataDigest(), artifacts);
        assertThat(plan.totalSteps()).isEqualTo(plan.stepsPerEpoch());
        try (TrainingJob job = PretrainJobFactory.open(spec, known, 1, "cpu");
                TrainingJob other = PretrainJobFactory.open(spec, known, 1, "cpu")) {
            double first = job.step(0).getOrDefault("train/loss", Double.NaN);
            assertThat(first).isPositive();
            other.loadState(job.positionAfter(1), job.copyState());
            assertThat(other.step(1)).isEqualTo(job.step(1));
        }
    }

    @Test
    void aRunKeepsTheDataThatItBeganWith() throws IOException {
        PretrainSpec spec = spec("root: data");
        DataPlan plan = prepare(spec, null);
        double loss = firstLoss(spec, plan);
        try (Stream<Path> files = Files.walk(data)) {
            List<Path> images =
                    files.filter(file -> file.toString().endsWith(".jpg")).toList();
            byte[] other = Files.readAllBytes(images.get(1));
            for (Path image : images) {
                Files.write(image, other);
            }
        }

        assertThat(prepare(spec, plan.dataDigest())).isEqualTo(plan);
        assertThat(firstLoss(spec, plan)).isEqualTo(loss);
        assertThat(prepare(spec, null).dataDigest()).isNotEqualTo(plan.dataDigest());
    }

    @Test
    void aFaultOfTheFilesIsToldBeforeAnythingIsTrained() throws IOException {
        Files.delete(data.resolve("mimic-cxr-2.0.0-split.csv.gz"));
        assertThatThrownBy(() -> prepare(spec("root: data"), null))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA))
                .hasMessageContaining("mimic-cxr-2.0.0-split.csv: no such file");
    }

    @Test
    void imagesOfAnotherSizeAreRefused() throws IOException {
        DataPlan plan = prepare(spec("root: data"), null);
        PretrainSpec larger = Methods.load()
                .specs()
                .read(
                        folder.resolve("tiny.yaml"),
                        List.of("model.imageSize=96", "data={dataset: " + plan.dataDigest() + "}"));
        assertThatThrownBy(() -> prepare(larger, null))
                .hasMessageContaining("model.imageSize is 96, but data set " + plan.dataDigest()
                        + " was ingested with 64; ingest it with --image-size 96");
    }

    @Test
    void aDataSetThatIsGoneIsNamed() throws IOException {
        PretrainSpec spec = spec("dataset: 0123456789abcdef");
        assertThatThrownBy(() -> PretrainJobFactory.open(spec, new DatasetRef("0123456789abcdef", artifacts), 1, "cpu"))
                .hasMessageContaining("datasets/0123456789abcdef: no ingested data set");
    }

    @Test
    void aJobBeginsWithTheWeightsThatTheSpecNames() throws IOException {
        WeightSet ones = importOnes();
        PretrainSpec spec = spec("root: data", "initialWeights.image=" + ones.digest());
        DatasetRef known = new DatasetRef(prepare(spec, null).dataDigest(), artifacts);
        try (TrainingJob job = PretrainJobFactory.open(spec, known, 1, "cpu")) {
            HostTensor last = job.copyState().weights().stream()
                    .filter(tensor -> tensor.name().equals("image.backbone.layer4.0.conv3.weight"))
                    .findAny()
                    .orElseThrow();
            for (int at = 0; at < last.data().limit(); at += Float.BYTES) {
                assertThat(last.data().getFloat(at)).isEqualTo(1);
            }
        }
        Files.delete(ones.weights());
        assertThatThrownBy(() -> PretrainJobFactory.open(spec, known, 1, "cpu"))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }

    @Test
    void weightsThatDoNotFitAreRefusedBeforeTheJobBegins() throws IOException {
        PretrainSpec spec =
                spec("root: data", "initialWeights.image=" + importOnes().digest(), "model.resnetBlocks=[1, 1, 1, 2]");
        DatasetRef known = new DatasetRef(prepare(spec, null).dataDigest(), artifacts);
        assertThatThrownBy(() -> PretrainJobFactory.open(spec, known, 1, "cpu"))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContaining("have [1, 1, 1, 1] where model.resnetBlocks is [1, 1, 1, 2]");
    }

    /** A ResNet of the tiny profile's sizes whose every weight is 1. */
    private WeightSet importOnes() throws IOException {
        List<HostTensor> tensors = new ArrayList<>();
        EncoderShapes.resnet(List.of(1, 1, 1, 1), 8, 1).forEach((name, shape) -> {
            boolean isCount = name.endsWith("num_batches_tracked");
            int elements = shape.stream().mapToInt(Long::intValue).reduce(1, Math::multiplyExact);
            ByteBuffer data = ByteBuffer.allocate(8 * elements).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < elements && !isCount; i++) {
                data.putFloat(1);
            }
            data.limit(isCount ? 8 : 4 * elements);
            tensors.add(new HostTensor(name, isCount ? ElementType.I64 : ElementType.F32, shape, data.rewind()));
        });
        Path file = folder.resolve("ones.safetensors");
        SafetensorsWriter.write(file, tensors, DurableEffects.counting());
        return new WeightImporter(new WeightStore(artifacts), DurableEffects.counting())
                .run(new WeightImport(file, null, null, null, null))
                .set();
    }

    private DataPlan prepare(PretrainSpec spec, @Nullable String knownDigest) {
        return new IngestedData(
                        name -> name, recorded::add, (checked, ingested) -> {}, artifacts, DurableEffects.counting())
                .prepare(spec, knownDigest, () -> {});
    }

    private double firstLoss(PretrainSpec spec, DataPlan plan) {
        try (TrainingJob job = PretrainJobFactory.open(spec, new DatasetRef(plan.dataDigest(), artifacts), 1, "cpu")) {
            return job.step(0).getOrDefault("train/loss", Double.NaN);
        }
    }

    private PretrainSpec spec(String from, String... settings) throws IOException {
        return specOf("prior", from, settings);
    }

    private PretrainSpec specOf(String method, String from, String... settings) throws IOException {
        return Methods.load()
                .specs()
                .read(Files.writeString(folder.resolve("tiny.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: tiny
                experiment: test
                method: %s
                profile: tiny
                batchSize: 4
                data: {%s}
                stages: [{stage: 1, epochs: 1}]
                """.formatted(method, from)), List.of(settings));
    }
}
