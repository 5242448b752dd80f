package perdura.training.tasks.detect;

import perdura.training.nn.Backbone;
import perdura.training.nn.Init;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;

/**
 * Faster R-CNN with a feature pyramid on a ResNet (prior.md 4.5): torchvision's {@code fasterrcnn_resnet50_fpn}, whose names the parts beside the
 * encoder have. What runs on the device; what chooses boxes runs on the host between two calls.
 */
record Detector(Backbone backbone, DetectorSpec spec) {
    private static final String FPN = "backbone.fpn.";
    private static final String RPN = "rpn.head.";
    private static final String HEAD = "roi_heads.";

    /** Smooth L1 is a square below it and a line above. */
    private static final double BETA = 1.0 / 9;

    StateDictLayout layout() {
        StateDictLayout layout = new StateDictLayout();
        backbone.declare(layout);
        declareHeads(layout);
        return layout;
    }

    /** All parameters but the encoder's. */
    void declareHeads(StateDictLayout layout) {
        int fpn = spec.fpn();
        for (int level = 0; level < RoiAlign.LEVELS; level++) {
            int in = backbone.channelsOfPyramid().get(level + 1);
            convolution(layout, FPN + "inner_blocks." + level + ".0", in, fpn, 1, kaiming(in));
            convolution(layout, FPN + "layer_blocks." + level + ".0", fpn, fpn, 3, kaiming(9L * fpn));
        }
        Init small = Init.normal(0.01);
        int ratios = spec.anchors().ratios().size();
        convolution(layout, RPN + "conv.0.0", fpn, fpn, 3, small);
        convolution(layout, RPN + "cls_logits", fpn, ratios, 1, small);
        convolution(layout, RPN + "bbox_pred", fpn, 4L * ratios, 1, small);
        layout.linear(HEAD + "box_head.fc6", (long) fpn * spec.head().align().cells(), spec.hidden());
        layout.linear(HEAD + "box_head.fc7", spec.hidden(), spec.hidden());
        layout.linear(HEAD + "box_predictor.cls_score", spec.hidden(), spec.classes());
        layout.linear(HEAD + "box_predictor.bbox_pred", spec.hidden(), 4L * spec.classes());
    }

    /** torch.nn.init.kaiming_uniform_ with a = 1. */
    private static Init kaiming(long fanIn) {
        return Init.uniform(Math.sqrt(3.0 / fanIn));
    }

    private static void convolution(StateDictLayout layout, String name, long in, long out, long side, Init weight) {
        layout.convolution(name, in, out, side, weight);
        layout.parameter(name + ".bias", Init.constant(0), out);
    }

    /** The whole program, for training and for answers alike: no part of it acts otherwise. */
    ScriptBuilder program() {
        ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.CONSTANT_NORM);
        backbone.writePyramid(program);
        write(program);
        return program;
    }

    /**
     * Writes all but the encoder's {@code pyramid}. A is a level's anchors at a cell, N all anchors, K the classes with the background.
     * <ul>
     *   <li>{@code fpn(p, maps)}: the encoder's five maps to P2 to P6
     *   <li>{@code rpn(p, maps)}: P2 to P6 to logits [B, N] and deltas [B, N, 4], in the order of {@link Anchors}
     *   <li>{@code rpn_losses(p, logits, deltas, sample)}: with {@link AnchorSample#tensors} to both losses
     *   <li>{@code head(p, rois, rows)}: to logits [R, K] and deltas [R, 4 K]
     *   <li>{@code head_losses(p, logits, deltas, sample)}: with {@link RoiSample#tensors} to both losses
     *   <li>{@code propose(p, images)}: images [B, C, H, W] to rows for {@code roi_pool}, and the logits and deltas of {@code rpn}
     *   <li>{@code losses(p, proposed, anchors, rois, sample)}: to the sum of the four losses, and all four, detached [4]
     * </ul>
     */
    void write(ScriptBuilder program) {
        writePyramid(program);
        writeRpn(program);
        spec.head().align().write(program);
        writeHead(program);
        program.function("propose", "images: Tensor", "List[Tensor]", """
                maps = self.fpn(p, self.pyramid(p, images))
                found = self.rpn(p, maps)
                return [self.roi_rows(p, maps), found[0], found[1]]
                """);
        program.function(
                "losses",
                "proposed: List[Tensor], anchors: List[Tensor], rois: List[Tensor], sample: List[Tensor]",
                "List[Tensor]",
                """
                of_rpn = self.rpn_losses(p, proposed[1], proposed[2], anchors)
                answers = self.head(p, rois, proposed[0])
                of_head = self.head_losses(p, answers[0], answers[1], sample)
                all = torch.stack([of_rpn[0], of_rpn[1], of_head[0], of_head[1]])
                return [torch.sum(all), torch.detach(all)]
                """);
    }

    private static String biased(ScriptBuilder program, String name, String x, int padding) {
        return "torch.conv2d(%s, %s, %s, [1, 1], [%d, %d])"
                .formatted(x, program.parameter(name + ".weight"), program.parameter(name + ".bias"), padding, padding);
    }

    private void writePyramid(ScriptBuilder program) {
        StringBuilder body = new StringBuilder();
        for (int level = RoiAlign.LEVELS - 1; level >= 0; level--) {
            String lateral = biased(program, FPN + "inner_blocks." + level + ".0", "maps[" + (level + 1) + "]", 0);
            body.append(
                    level == RoiAlign.LEVELS - 1
                            ? "x = " + lateral + "\n"
                            : "x = torch.add(%s, torch.upsample_nearest2d(x, annotate(Optional[List[int]], None), [2., 2.]))\n"
                                    .formatted(lateral));
            body.append("p%d = %s\n".formatted(level, biased(program, FPN + "layer_blocks." + level + ".0", "x", 1)));
        }
        program.function("fpn", "maps: List[Tensor]", "List[Tensor]", body + """
                rows = torch.slice(p3, 2, 0, 9223372036854775807, 2)
                return [p0, p1, p2, p3, torch.slice(rows, 3, 0, 9223372036854775807, 2)]
                """);
    }

    private void writeRpn(ScriptBuilder program) {
        program.function("rpn", "maps: List[Tensor]", "List[Tensor]", """
                logits = annotate(List[Tensor], [])
                deltas = annotate(List[Tensor], [])
                for i in range(%d):
                  x = torch.relu_(%s)
                  _0 = torch.append(logits, torch.flatten(torch.permute(%s, [0, 2, 3, 1]), 1))
                  of_level = torch.flatten(torch.permute(%s, [0, 2, 3, 1]), 1)
                  _1 = torch.append(deltas, torch.unflatten(of_level, 1, [-1, 4]))
                return [torch.cat(logits, 1), torch.cat(deltas, 1)]
                """.formatted(
                        Anchors.LEVELS,
                        biased(program, RPN + "conv.0.0", "maps[i]", 1),
                        biased(program, RPN + "cls_logits", "x", 0),
                        biased(program, RPN + "bbox_pred", "x", 0)));
        program.function("rpn_losses", "logits: Tensor, deltas: Tensor, sample: List[Tensor]", "List[Tensor]", """
                own = torch.index_select(torch.flatten(logits), 0, sample[0])
                objectness = torch.binary_cross_entropy_with_logits(own, sample[1], None, None, 1)
                moved = torch.index_select(torch.flatten(deltas, 0, 1), 0, sample[0])
                return [objectness, self.box_loss(p, moved, sample[2], torch.unsqueeze(sample[1], 1))]
                """);
        program.function("box_loss", "deltas: Tensor, wanted: Tensor, counts: Tensor", "Tensor", """
                each = torch.smooth_l1_loss(deltas, wanted, 0, %s)
                return torch.div(torch.sum(torch.mul(each, counts)), torch.size(deltas, 0))
                """.formatted(BETA));
    }

    /** The first layer reads (channel, row, column), and the pooled boxes come as (row, column, channel): its weights are turned, which are fewer. */
    private void writeHead(ScriptBuilder program) {
        String first = HEAD + "box_head.fc6";
        program.function("head", "rois: List[Tensor], rows: Tensor", "List[Tensor]", """
                pooled = torch.flatten(self.roi_pool(p, rois, rows), 1)
                turned = torch.flatten(torch.transpose(torch.unflatten(%s, 1, [%d, %d]), 1, 2), 1)
                x = torch.relu_(torch.linear(pooled, turned, %s))
                x = torch.relu_(%s)
                return [%s, %s]
                """.formatted(
                        program.parameter(first + ".weight"),
                        spec.fpn(),
                        spec.head().align().cells(),
                        program.parameter(first + ".bias"),
                        program.linear(HEAD + "box_head.fc7", "x"),
                        program.linear(HEAD + "box_predictor.cls_score", "x"),
                        program.linear(HEAD + "box_predictor.bbox_pred", "x")));
        program.function("head_losses", "logits: Tensor, deltas: Tensor, sample: List[Tensor]", "List[Tensor]", """
                classifier = torch.cross_entropy_loss(logits, sample[0])
                own = torch.index_select(torch.reshape(deltas, [-1, 4]), 0, sample[1])
                counts = torch.to(torch.unsqueeze(torch.gt(sample[0], 0), 1), logits.dtype)
                return [classifier, self.box_loss(p, own, sample[2], counts)]
                """);
    }
}
