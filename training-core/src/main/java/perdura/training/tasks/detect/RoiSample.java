package perdura.training.tasks.detect;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.tasks.detect.DetectorSpec.HeadSpec;
import perdura.training.tasks.detect.VisitOrder.Stage;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/**
 * The boxes that the losses of the head are made of, image by image.
 *
 * @param boxes of each image, ascending among its proposals and then its truths
 * @param classes of all these boxes, 0 for background [R]
 * @param deltas [R, 4] that turn a box into its truth; 0 for background
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RoiSample(List<double[]> boxes, long[] classes, double[] deltas) {
    /**
     * Draws them for a batch.
     *
     * @param proposals of each image
     */
    static RoiSample draw(HeadSpec spec, List<double[]> proposals, List<Truth> truths, VisitOrder order) {
        int most = truths.size() * spec.sampler().count();
        List<double[]> boxes = new ArrayList<>();
        long[] classes = new long[most];
        double[] deltas = new double[4 * most];
        int size = 0;
        for (int image = 0; image < truths.size(); image++) {
            Truth truth = truths.get(image);
            double[] candidates = candidates(proposals.get(image), truth);
            int[] matches = spec.matcher().match(truth.boxes(), candidates);
            int[] labels = BoxMatcher.labels(matches, truth.classes());
            int[] drawn = spec.sampler().sample(labels, order.of(Stage.HEAD, image, labels.length));
            for (int box : drawn) {
                classes[size] = labels[box];
                if (labels[box] > 0) {
                    BoxCoder.HEAD.encode(truth.boxes(), matches[box], candidates, box, deltas, 4 * size);
                }
                size++;
            }
            boxes.add(Boxes.pick(candidates, drawn));
        }
        return new RoiSample(boxes, Arrays.copyOf(classes, size), Arrays.copyOf(deltas, 4 * size));
    }

    /** Proposals, then truths. */
    static double[] candidates(double[] proposals, Truth truth) {
        double[] all = Arrays.copyOf(proposals, proposals.length + truth.boxes().length);
        System.arraycopy(truth.boxes(), 0, all, proposals.length, truth.boxes().length);
        return all;
    }

    /** @param classCount with the background */
    List<Tensor> tensors(StepScope scope, ElementType type, int classCount) {
        long[] places = new long[classes.length]; // of the deltas of its class among those of all boxes and classes
        for (int i = 0; i < places.length; i++) {
            places[i] = (long) i * classCount + classes[i];
        }
        return List.of(
                scope.longs(LongBuffer.wrap(classes), classes.length),
                scope.longs(LongBuffer.wrap(places), places.length),
                HostNumbers.tensor(scope, type, deltas, classes.length, 4));
    }
}
