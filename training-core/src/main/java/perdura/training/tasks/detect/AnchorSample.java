package perdura.training.tasks.detect;

import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.tasks.detect.DetectorSpec.RpnSpec;
import perdura.training.tasks.detect.VisitOrder.Stage;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/**
 * The anchors that the losses of the region proposal network are made of, image by image, ascending in each.
 *
 * @param places of the anchors among those of all images [S]: image x anchors + anchor
 * @param positive 1 for an anchor that stands for a truth, else 0 [S]
 * @param deltas [S, 4] that turn it into its truth; 0 for the others
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record AnchorSample(long[] places, double[] positive, double[] deltas) {
    /** Draws them for a batch. */
    static AnchorSample draw(RpnSpec spec, Anchors anchors, List<Truth> truths, VisitOrder order) {
        int most = truths.size() * spec.sampler().count();
        long[] places = new long[most];
        double[] positive = new double[most];
        double[] deltas = new double[4 * most];
        int size = 0;
        for (int image = 0; image < truths.size(); image++) {
            double[] boxes = truths.get(image).boxes();
            int[] matches = spec.matcher().match(boxes, anchors.boxes());
            int[] drawn = spec.sampler().sample(labels(matches), order.of(Stage.RPN, image, anchors.count()));
            for (int anchor : drawn) {
                places[size] = (long) image * anchors.count() + anchor;
                if (matches[anchor] >= 0) {
                    positive[size] = 1;
                    BoxCoder.RPN.encode(boxes, matches[anchor], anchors.boxes(), anchor, deltas, 4 * size);
                }
                size++;
            }
        }
        return new AnchorSample(
                Arrays.copyOf(places, size), Arrays.copyOf(positive, size), Arrays.copyOf(deltas, 4 * size));
    }

    /** Whether an anchor is an object, whatever its class. */
    static int[] labels(int[] matches) {
        return Arrays.stream(matches)
                .map(match -> match >= 0 ? 1 : match == BoxMatcher.BELOW ? 0 : -1)
                .toArray();
    }

    List<Tensor> tensors(StepScope scope, ElementType type) {
        return List.of(
                scope.longs(LongBuffer.wrap(places), places.length),
                HostNumbers.tensor(scope, type, positive, positive.length),
                HostNumbers.tensor(scope, type, deltas, positive.length, 4));
    }
}
