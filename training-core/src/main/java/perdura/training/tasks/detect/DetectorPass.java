package perdura.training.tasks.detect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.tasks.detect.DetectorSpec.Proposals;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/**
 * Runs a detector: the device proposes, the host chooses boxes, the device judges them. For one thread.
 */
final class DetectorPass {
    private final DetectorSpec spec;
    private final Script script;
    private final ElementType type;
    private final Anchors anchors;
    private final RoiWeights rois;
    private final AnswerFilter answers;

    /**
     * @param script the compiled program of a {@link Detector}
     * @param type of its weights
     */
    DetectorPass(DetectorSpec spec, Script script, ElementType type) {
        this.spec = spec;
        this.script = script;
        this.type = type;
        this.anchors = spec.allAnchors();
        this.rois = new RoiWeights(spec.head().align(), spec.height(), spec.width());
        this.answers = new AnswerFilter(spec);
    }

    /**
     * What a batch's forward pass gives.
     *
     * @param total the sum of the four losses []
     * @param each objectness and boxes of the region proposal network, classes and boxes of the head
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Losses(Tensor total, double[] each) {}

    /**
     * The losses of a batch.
     *
     * @param weights what the program's calls take first
     * @param images [B, C, H, W]
     * @param truths of each image
     */
    Losses losses(StepScope scope, List<Tensor> weights, Tensor images, List<Truth> truths, VisitOrder order) {
        List<Tensor> proposed = script.call(scope, "propose", List.of(weights), images);
        AnchorSample ofRpn = AnchorSample.draw(spec.rpn(), anchors, truths, order);
        RoiSample ofHead =
                RoiSample.draw(spec.head(), proposals(proposed, spec.rpn().train()), truths, order);
        rois.clear(truths.size());
        for (int image = 0; image < truths.size(); image++) {
            rois.add(image, ofHead.boxes().get(image));
        }
        List<Tensor> losses = script.call(
                scope,
                "losses",
                List.of(
                        weights,
                        proposed,
                        ofRpn.tensors(scope, type),
                        rois.tensors(scope, type),
                        ofHead.tensors(scope, type, spec.classes())));
        return new Losses(losses.get(0), losses.get(1).toDoubles());
    }

    /** @param proposed what the program's function of proposals gave */
    List<double[]> proposals(List<Tensor> proposed, Proposals limits) {
        return proposals(proposed.get(1).toDoubles(), proposed.get(2).toDoubles(), limits);
    }

    private List<double[]> proposals(double[] logits, double[] deltas, Proposals limits) {
        ProposalFilter filter = new ProposalFilter(spec, anchors, limits);
        List<double[]> proposals = new ArrayList<>();
        for (int image = 0; image < logits.length / anchors.count(); image++) {
            proposals.add(filter.choose(logits, deltas, image));
        }
        return proposals;
    }

    /**
     * What a detector answers.
     *
     * @param images of each image of the batch
     * @param notFinite a number among its answers that isn't finite, if there is one
     */
    record Found(List<Detections> images, OptionalDouble notFinite) {}

    /** What is found in each image of a batch; arguments as those of {@link #losses}. */
    Found detect(StepScope scope, List<Tensor> weights, Tensor images) {
        List<Tensor> proposed = script.call(scope, "propose", List.of(weights), images);
        double[] objectness = proposed.get(1).toDoubles();
        List<double[]> proposals =
                proposals(objectness, proposed.get(2).toDoubles(), spec.rpn().test());
        OptionalDouble notFinite = findNotFinite(objectness);
        List<Detections> found = new ArrayList<>();
        for (int image = 0; image < proposals.size(); image++) {
            double[] boxes = proposals.get(image);
            if (boxes.length == 0) {
                found.add(Detections.NONE);
                continue;
            }
            List<Tensor> judged = judge(scope, weights, proposed.get(0), image, proposals);
            double[] logits = judged.get(0).toDoubles();
            notFinite = notFinite.isPresent() ? notFinite : findNotFinite(logits);
            found.add(answers.choose(boxes, logits, judged.get(1).toDoubles()));
        }
        return new Found(found, notFinite);
    }

    private static OptionalDouble findNotFinite(double[] values) {
        return Arrays.stream(values).filter(value -> !Double.isFinite(value)).findFirst();
    }

    /** An image at a time, so that the pooled boxes of one are held and not those of a batch. */
    private List<Tensor> judge(
            StepScope scope, List<Tensor> weights, Tensor rows, int image, List<double[]> proposals) {
        rois.clear(proposals.size());
        rois.add(image, proposals.get(image));
        return script.call(scope, "head", List.of(weights, rois.tensors(scope, type)), rows);
    }
}
