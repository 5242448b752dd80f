package perdura.training.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.TrainState;
import perdura.training.nn.Classifier;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.Initializer;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.torch.Torch;

class TestEncoderWeights {
    private static final ImageEncoder ENCODER = new ImageEncoder(List.of(1, 1, 1, 1), 2, 1);

    @TempDir
    private Path folder;

    private final Torch torch = Torch.start("cpu", 1);

    @AfterEach
    void closeEngine() {
        torch.close();
    }

    @Test
    void aCheckpointGivesItsBackboneAndNothingElse() {
        StateDictLayout layout = Classifier.onImages(ENCODER, 3).layout();
        TrainState pretrained = weights(layout, 5);
        Parameters parameters = filled(layout, 1);
        write(pretrained).copyInto(ENCODER, layout, parameters);
        List<HostTensor> loaded = parameters.copyOut();
        assertThat(loaded.subList(0, loaded.size() - 2))
                .isEqualTo(pretrained.weights().subList(0, loaded.size() - 2));
        assertThat(loaded.get(loaded.size() - 2).name()).isEqualTo("head.weight");
        assertThat(heads(loaded))
                .isEqualTo(heads(filled(layout, 1).copyOut()))
                .isNotEqualTo(heads(filled(layout, 5).copyOut()));
    }

    @Test
    void anEncoderOfOtherSizesIsRefused() {
        EncoderWeights checkpoint = write(weights(ENCODER.layout(), 5));
        ImageEncoder wider = new ImageEncoder(List.of(1, 1, 1, 1), 4, 1);
        assertRefused(
                checkpoint,
                wider,
                "tensor image.backbone.conv1.weight is [2, 1, 7, 7], of the encoder [4, 1, 7, 7]; the encoder must have"
                        + " the sizes of the pre-training");
        ImageEncoder deeper = new ImageEncoder(List.of(1, 1, 2, 1), 2, 1);
        assertRefused(
                checkpoint,
                deeper,
                "has no tensor image.backbone.layer3.1.conv1.weight; the encoder must have the sizes of the pre-training");
    }

    private void assertRefused(EncoderWeights weights, ImageEncoder encoder, String message) {
        StateDictLayout layout = encoder.layout();
        assertThatThrownBy(() -> weights.copyInto(encoder, layout, filled(layout, 1)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageEndingWith(message);
    }

    @Test
    void aDamagedCheckpointIsRefused() throws IOException {
        EncoderWeights.OfCheckpoint checkpoint = write(weights(ENCODER.layout(), 5));
        Path file = checkpoint.folder().resolve("weights.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 3] ^= 1;
        Files.write(file, bytes);
        StateDictLayout layout = ENCODER.layout();
        assertThatThrownBy(() -> checkpoint.copyInto(ENCODER, layout, filled(layout, 1)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED));
    }

    private EncoderWeights.OfCheckpoint write(TrainState state) {
        Checkpoint checkpoint = new CheckpointWriter(
                        folder, new RunId("pre-1"), 1, "0".repeat(64), DurableEffects.counting())
                .write(Position.START, state, null);
        return new EncoderWeights.OfCheckpoint(checkpoint.folder(), checkpoint.manifestDigest());
    }

    private TrainState weights(StateDictLayout layout, long seed) {
        return TrainState.ofWeights(filled(layout, seed).copyOut());
    }

    private Parameters filled(StateDictLayout layout, long seed) {
        Parameters parameters = layout.allocate(torch, ElementType.F32);
        Initializer.fill(torch, layout, parameters, seed);
        return parameters;
    }

    private static List<HostTensor> heads(List<HostTensor> tensors) {
        return tensors.stream()
                .filter(tensor -> tensor.name().startsWith("head."))
                .toList();
    }
}
