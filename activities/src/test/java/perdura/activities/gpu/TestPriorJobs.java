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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.cpu.DataPlan;
import perdura.activities.cpu.MimicCxrCheck;
import perdura.grids.read.SpecReader;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.data.ImageDigests;
import perdura.training.loop.TrainingJob;
import perdura.training.model.EncoderShapes;
import perdura.training.synth.MimicCxrSynth;
import perdura.training.synth.SynthConfig;
import perdura.training.weights.WeightImport;
import perdura.training.weights.WeightImporter;
import perdura.training.weights.WeightSet;
import perdura.training.weights.WeightStore;

class TestPriorJobs {
    @TempDir
    Path folder;

    @Test
    void aJobBeginsWithTheWeightsThatTheSpecNames() throws IOException {
        Path artifacts = folder.resolve("artifacts");
        WeightSet ones = importOnes(artifacts);
        PretrainSpec spec = spec("initialWeights.image=" + ones.digest());
        KnownData data = new KnownData(
                new MimicCxrCheck(artifacts, DurableEffects.counting())
                        .apply(spec)
                        .dataDigest(),
                artifacts);
        try (TrainingJob job = new PriorJobs().open(spec, data, 1, "cpu")) {
            HostTensor last = job.copyState().weights().stream()
                    .filter(tensor -> tensor.name().equals("image.backbone.layer4.0.conv3.weight"))
                    .findAny()
                    .orElseThrow();
            for (int at = 0; at < last.data().limit(); at += Float.BYTES) {
                assertThat(last.data().getFloat(at)).isEqualTo(1);
            }
        }
        Files.delete(ones.weights());
        assertThatThrownBy(() -> new PriorJobs().open(spec, data, 1, "cpu"))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }

    @Test
    void weightsThatDoNotFitAreRefusedBeforeTheJobBegins() throws IOException {
        Path artifacts = folder.resolve("artifacts");
        PretrainSpec spec =
                spec("initialWeights.image=" + importOnes(artifacts).digest(), "model.resnetBlocks=[1, 1, 1, 2]");
        KnownData data = new KnownData(
                new MimicCxrCheck(artifacts, DurableEffects.counting())
                        .apply(spec)
                        .dataDigest(),
                artifacts);
        assertThatThrownBy(() -> new PriorJobs().open(spec, data, 1, "cpu"))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContaining("have [1, 1, 1, 1] where model.resnetBlocks is [1, 1, 1, 2]");
    }

    /** A ResNet of the tiny profile's sizes whose every weight is 1. */
    private WeightSet importOnes(Path artifacts) throws IOException {
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

    private PretrainSpec spec(String... settings) throws IOException {
        MimicCxrSynth.write(folder.resolve("data"), SynthConfig.of(20, 5), done -> {});
        return SpecReader.readPretrain(Files.writeString(folder.resolve("tiny.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: tiny
                experiment: test
                method: prior
                profile: tiny
                batchSize: 4
                data: {format: mimic-cxr, root: data}
                stages: [{stage: 1, epochs: 1}]
                """), List.of(settings));
    }

    @Test
    void anImageThatChangedAfterTheDataCheckIsNoticed() throws IOException {
        Path artifacts = folder.resolve("artifacts");
        Path data = folder.resolve("data");
        PretrainSpec spec = spec();
        DataPlan plan = new MimicCxrCheck(artifacts, DurableEffects.counting()).apply(spec);
        Path kept = ImageDigests.file(artifacts, plan.dataDigest());
        assertThat(kept).exists();
        List<Path> images = Files.readString(kept)
                .lines()
                .filter(line -> line.endsWith(".jpg"))
                .map(line -> data.resolve("files").resolve(line.substring(line.lastIndexOf(' ') + 1)))
                .toList();
        assertThat(images).hasSizeGreaterThan(1);
        Files.write(images.get(0), Files.readAllBytes(images.get(1)));

        assertThatThrownBy(() -> new PriorJobs().open(spec, new KnownData(plan.dataDigest(), artifacts), 1, "cpu"))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CHANGED))
                .hasMessageContaining(plan.dataDigest())
                .hasMessageContaining(data.toString());
    }
}
