package perdura.activities.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import perdura.training.data.ImageDigests;
import perdura.training.synth.MimicCxrSynth;
import perdura.training.synth.SynthConfig;

class TestPriorJobs {
    @TempDir
    Path folder;

    @Test
    void anImageThatChangedAfterTheDataCheckIsNoticed() throws IOException {
        Path artifacts = folder.resolve("artifacts");
        Path data = folder.resolve("data");
        MimicCxrSynth.write(data, SynthConfig.of(20, 5), done -> {});
        PretrainSpec spec = SpecReader.readPretrain(Files.writeString(folder.resolve("tiny.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: tiny
                experiment: test
                method: prior
                profile: tiny
                batchSize: 4
                data: {format: mimic-cxr, root: data}
                stages: [{stage: 1, epochs: 1}]
                """), List.of());
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
