package perdura.training.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.TensorSource;
import perdura.training.weights.file.FileTensor;
import perdura.training.weights.file.WeightFile;

/** Writes an image encoder as a .pth that torchvision's ResNet without classifier loads with {@code strict=True}. */
public final class TorchvisionExport {
    private static final Map<List<Integer>, String> NAMED = Map.of(
            List.of(3, 4, 6, 3), "resnet50",
            List.of(3, 4, 23, 3), "resnet101",
            List.of(3, 8, 36, 3), "resnet152");

    private static final int TORCHVISION_WIDTH = 64;

    private TorchvisionExport() {}

    /**
     * Writes the file.
     *
     * @param channels channels of the image, 1 or 3; a grey image gives the same features either way
     * @return the Python lines that load it
     * @throws PerduraException INVALID_SPEC if the source has no image encoder, or the place is taken;
     *     ARTIFACT_STORE_UNAVAILABLE if it can't be written
     */
    public static List<String> write(ExportSource source, Path out, int channels, DurableEffects effects) {
        String prefix = source.image();
        if (prefix == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "these weights have no image encoder; --format transformers is for their text encoder");
        }
        try (WeightFile file = WeightFile.open(source.weights())) {
            ImportIssues findings = new ImportIssues(source.weights().toString());
            ResnetSizes sizes = ResnetReading.read(file.tensors(), prefix, "", findings);
            findings.throwIfAny();
            List<TensorSource> tensors = new ArrayList<>();
            findings.taken().forEach((name, tensor) -> tensors.add(tensor(file, tensor, name, channels)));
            findings.initial().forEach(left -> tensors.add(Counts.zero(left.name())));
            ExportTarget.write(out, effects, path -> TorchZipWriter.write(path, tensors, effects));
            return python(sizes, channels, out);
        }
    }

    private static TensorSource tensor(WeightFile file, FileTensor tensor, String name, int channels) {
        return name.equals(FirstConvolution.NAME)
                ? FirstConvolution.fit(file.read(tensor, name), channels)
                : file.source(tensor, name);
    }

    private static List<String> python(ResnetSizes sizes, int channels, Path out) {
        List<String> lines = new ArrayList<>(List.of("import torch"));
        String named = NAMED.get(sizes.blocks());
        if (sizes.width() != TORCHVISION_WIDTH) {
            lines.add("from torchvision.models.resnet import Bottleneck, ResNet");
            lines.addAll(narrow("ResNet", sizes.width()));
            lines.add("model = Narrow(Bottleneck, " + sizes.blocks() + ")");
        } else if (named != null) {
            lines.add("import torchvision");
            lines.add("model = torchvision.models." + named + "()");
        } else {
            lines.add("from torchvision.models.resnet import Bottleneck, ResNet");
            lines.add("model = ResNet(Bottleneck, " + sizes.blocks() + ")");
        }
        lines.add("model.fc = torch.nn.Identity()");
        if (channels == 1) {
            lines.add("model.conv1 = torch.nn.Conv2d(1, " + sizes.width() + ", 7, 2, 3, bias=False)");
        }
        lines.add("model.load_state_dict(torch.load(" + quoted(out) + ", weights_only=True), strict=True)");
        return lines;
    }

    /** A class {@code Narrow} of ResNets: torchvision's own arguments leave the first convolution at 64 channels. */
    static List<String> narrow(String base, int width) {
        return """
                class Narrow(BASE):
                    def _make_layer(self, block, planes, *args, **kwargs):
                        if planes == 64:
                            self.inplanes = WIDTH
                            self.conv1 = torch.nn.Conv2d(3, WIDTH, 7, 2, 3, bias=False)
                            self.bn1 = self._norm_layer(WIDTH)
                        return super()._make_layer(block, planes * WIDTH // 64, *args, **kwargs)
                """.replace("BASE", base)
                .replace("WIDTH", String.valueOf(width))
                .lines()
                .toList();
    }

    /** A path as a Python text. */
    static String quoted(Path path) {
        return "\"" + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
