package perdura.training.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.TensorSource;
import perdura.training.weights.file.FileTensor;
import perdura.training.weights.file.WeightFile;

/** Writes a whole U-Net as a .pth that segmentation_models_pytorch's {@code Unet} loads with {@code strict=True}. */
public final class UNetExport {
    private static final String HEAD = "segmentationHead.";
    private static final Pattern BLOCK = Pattern.compile("decoder\\.blocks\\.(\\d+)\\.(conv|bn)([12])\\.(.+)");

    private UNetExport() {}

    /**
     * Writes the file.
     *
     * @return the Python lines that load it
     * @throws PerduraException INVALID_SPEC if the source is no U-Net, or the place is taken; ARTIFACT_STORE_UNAVAILABLE if it can't be
     *     written
     */
    public static List<String> write(ExportSource source, Path out, DurableEffects effects) {
        try (WeightFile file = WeightFile.open(source.weights())) {
            List<FileTensor> decoder = file.tensors().stream()
                    .filter(tensor -> source.name(tensor).startsWith("decoder.")
                            || source.name(tensor).startsWith(HEAD))
                    .toList();
            if (decoder.isEmpty()) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        source.weights() + " is no U-Net; --format unet is for runs of the task segmentation");
            }
            EncoderTensors encoder = EncoderTensors.read(file, source, "encoder.");
            List<TensorSource> tensors = new ArrayList<>(encoder.tensors());
            tensors.addAll(encoder.counts());
            for (FileTensor tensor : decoder) {
                String name = smpName(source.name(tensor));
                tensors.add(file.source(tensor, name));
                if (name.endsWith(".running_var")) {
                    tensors.add(Counts.zero(name.replace("running_var", "num_batches_tracked")));
                }
            }
            ExportTarget.write(out, effects, path -> TorchZipWriter.write(path, tensors, effects));
            return python(encoder.sizes(), channels(source, decoder), out);
        }
    }

    private static String smpName(String name) {
        if (name.startsWith(HEAD)) {
            return "segmentation_head.0." + name.substring(HEAD.length());
        }
        Matcher block = BLOCK.matcher(name);
        if (!block.matches()) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, "a U-Net has no tensor " + name);
        }
        return "decoder.blocks." + block.group(1) + ".conv" + block.group(3)
                + (block.group(2).equals("conv") ? ".0." : ".1.") + block.group(4);
    }

    /** Of the blocks, in their order. */
    private static List<Long> channels(ExportSource source, List<FileTensor> decoder) {
        return decoder.stream()
                .filter(tensor -> source.name(tensor).endsWith(".conv2.weight"))
                .sorted(Comparator.comparing(source::name))
                .map(tensor -> tensor.shape().get(0))
                .toList();
    }

    private static List<String> python(ResnetSizes sizes, List<Long> decoder, Path out) {
        List<String> lines = new ArrayList<>(List.of(
                "import torch",
                "import segmentation_models_pytorch as smp",
                "from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder",
                "from segmentation_models_pytorch.encoders.resnet import ResNetEncoder",
                "from torchvision.models.resnet import Bottleneck"));
        lines.addAll(TorchvisionExport.narrow("ResNetEncoder", sizes.width()));
        lines.add("channels = [" + sizes.channels() + "] + [" + sizes.width() + " * n for n in (1, 4, 8, 16, 32)]");
        lines.add("model = smp.Unet(\"resnet50\", encoder_weights=None, classes=1)");
        lines.add("model.encoder = Narrow(out_channels=channels, block=Bottleneck, layers=" + sizes.blocks() + ")");
        lines.add("model.encoder.conv1 = torch.nn.Conv2d(" + sizes.channels() + ", " + sizes.width()
                + ", 7, 2, 3, bias=False)");
        lines.add("model.decoder = UnetDecoder(channels, " + decoder + ", n_blocks=5)");
        lines.add("model.segmentation_head[0] = torch.nn.Conv2d(" + decoder.get(decoder.size() - 1)
                + ", 1, 3, padding=1)");
        lines.add("model.load_state_dict(torch.load(" + TorchvisionExport.quoted(out)
                + ", weights_only=True), strict=True)");
        return lines;
    }
}
