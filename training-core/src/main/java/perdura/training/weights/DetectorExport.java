package perdura.training.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.TensorSource;
import perdura.training.weights.file.FileTensor;
import perdura.training.weights.file.WeightFile;

/** Writes a whole detector as a .pth that torchvision's {@code FasterRCNN} loads with {@code strict=True}. */
public final class DetectorExport {
    private static final String LATERAL = "backbone.fpn.inner_blocks.0.0.weight";
    private static final String HIDDEN = "roi_heads.box_head.fc7.weight";
    private static final String CLASSES = "roi_heads.box_predictor.cls_score.weight";

    private DetectorExport() {}

    /**
     * What decides a detector's answers beside its weights (prior.md 4.5).
     *
     * @param side of the images, pixels
     * @param anchors side of the square anchor of each level, pixels
     * @param canonical side of a box that is pooled from level 4, pixels
     * @param perLevel best anchors of a level that are looked at to answer
     * @param kept proposals of an image that stay
     */
    public record Settings(int side, List<Integer> anchors, int canonical, int perLevel, int kept) {
        public Settings {
            anchors = List.copyOf(anchors);
        }
    }

    /**
     * Writes the file.
     *
     * @return the Python lines that load it
     * @throws PerduraException INVALID_SPEC if the source is no detector, or the place is taken; ARTIFACT_STORE_UNAVAILABLE if it can't be
     *     written
     */
    public static List<String> write(ExportSource source, Settings settings, Path out, DurableEffects effects) {
        try (WeightFile file = WeightFile.open(source.weights())) {
            Map<String, FileTensor> heads = file.tensors().stream()
                    .filter(tensor -> source.name(tensor).matches("(backbone\\.fpn|rpn|roi_heads)\\..*"))
                    .collect(Collectors.toMap(source::name, tensor -> tensor));
            for (String name : List.of(LATERAL, HIDDEN, CLASSES)) {
                if (!heads.containsKey(name)) {
                    throw new PerduraException(
                            ErrorCode.INVALID_SPEC,
                            source.weights() + " is no detector, it has no tensor " + name
                                    + "; --format fasterrcnn is for runs of the task detection");
                }
            }
            EncoderTensors encoder = EncoderTensors.read(file, source, "backbone.body.");
            List<TensorSource> tensors = new ArrayList<>(encoder.tensors());
            heads.keySet().stream()
                    .sorted()
                    .forEach(name -> tensors.add(file.source(Objects.requireNonNull(heads.get(name)), name)));
            ExportTarget.write(out, effects, path -> TorchZipWriter.write(path, tensors, effects));
            return python(encoder.sizes(), heads, settings, out);
        }
    }

    private static List<String> python(ResnetSizes sizes, Map<String, FileTensor> heads, Settings settings, Path out) {
        List<String> lines = new ArrayList<>("""
                import torch
                from torchvision.models.detection import FasterRCNN
                from torchvision.models.detection.anchor_utils import AnchorGenerator
                from torchvision.models.detection.backbone_utils import BackboneWithFPN
                from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
                from torchvision.models.resnet import Bottleneck, ResNet
                from torchvision.ops import FrozenBatchNorm2d, MultiScaleRoIAlign
                """.lines().toList());
        lines.addAll(TorchvisionExport.narrow("ResNet", sizes.width()));
        lines.addAll("""
                body = Narrow(Bottleneck, BLOCKS, norm_layer=FrozenBatchNorm2d)
                body.conv1 = torch.nn.Conv2d(CHANNELS, WIDTH, 7, 2, 3, bias=False)
                backbone = BackboneWithFPN(
                    body, {f"layer{i + 1}": str(i) for i in range(4)}, [WIDTH * n for n in (4, 8, 16, 32)], FPN)
                model = FasterRCNN(
                    backbone, min_size=SIDE, max_size=SIDE, image_mean=[0.0] * CHANNELS, image_std=[1.0] * CHANNELS,
                    rpn_anchor_generator=AnchorGenerator(tuple((s,) for s in ANCHORS), ((0.5, 1.0, 2.0),) * 5),
                    rpn_pre_nms_top_n_test=LEVEL, rpn_post_nms_top_n_test=KEPT,
                    box_roi_pool=MultiScaleRoIAlign(["0", "1", "2", "3"], 7, 2, canonical_scale=CANONICAL),
                    box_head=TwoMLPHead(FPN * 49, HIDDEN), box_predictor=FastRCNNPredictor(HIDDEN, CLASSES))
                model.load_state_dict(torch.load(FILE, weights_only=True), strict=True)
                """.replace("BLOCKS", sizes.blocks().toString())
                .replace("CHANNELS", String.valueOf(sizes.channels()))
                .replace("WIDTH", String.valueOf(sizes.width()))
                .replace("FPN)", size(heads, LATERAL) + ")")
                .replace("FPN *", size(heads, LATERAL) + " *")
                .replace("SIDE", String.valueOf(settings.side))
                .replace("ANCHORS", settings.anchors.toString())
                .replace("LEVEL", String.valueOf(settings.perLevel))
                .replace("KEPT", String.valueOf(settings.kept))
                .replace("CANONICAL", String.valueOf(settings.canonical))
                .replace("HIDDEN", size(heads, HIDDEN))
                .replace("CLASSES", size(heads, CLASSES))
                .replace("FILE", TorchvisionExport.quoted(out))
                .lines()
                .toList());
        return lines;
    }

    /** The outputs of a layer. */
    private static String size(Map<String, FileTensor> heads, String name) {
        return String.valueOf(Objects.requireNonNull(heads.get(name)).shape().get(0));
    }
}
