package perdura.training.tasks.detect;

import java.util.Arrays;
import java.util.stream.IntStream;
import perdura.training.metric.Ranking;
import perdura.training.tasks.detect.DetectorSpec.Proposals;
import perdura.training.tasks.detect.DetectorSpec.RpnSpec;

/**
 * Chooses proposals among the moved anchors (prior.md 4.5, "Proposals"); {@code filter_proposals} of torchvision's RegionProposalNetwork.
 *
 * @param limits for training or for answers
 */
record ProposalFilter(DetectorSpec spec, Anchors anchors, Proposals limits) {
    /**
     * The proposals of an image, best first.
     *
     * @param logits of all images' anchors [B, N]
     * @param deltas of all images' anchors [B, N, 4]
     * @param image number in the batch
     */
    double[] choose(double[] logits, double[] deltas, int image) {
        int first = image * anchors.count();
        int[][] best = new int[Anchors.LEVELS][];
        int looked = 0;
        for (int level = 0; level < Anchors.LEVELS; level++) {
            int[] order = Ranking.descending(logits, first + anchors.begin(level), first + anchors.ends()[level]);
            best[level] = order.length <= limits.perLevel() ? order : Arrays.copyOf(order, limits.perLevel());
            looked += best[level].length;
        }
        double[] boxes = new double[4 * looked]; // level by level, best first
        double[] scores = new double[looked];
        int[] kept = new int[looked];
        int done = 0;
        int size = 0;
        for (int[] level : best) {
            int begin = done;
            for (int place : level) {
                BoxCoder.RPN.decode(deltas, 4 * place, anchors.boxes(), place - first, boxes, done);
                Boxes.clip(boxes, done, spec.height(), spec.width());
                scores[done++] = logits[place];
            }
            int[] large = IntStream.range(begin, done)
                    .filter(box -> Boxes.isAtLeast(boxes, box, RpnSpec.LEAST_SIDE))
                    .toArray();
            int[] staying = Suppression.keep(boxes, large, spec.rpn().overlap(), limits.kept());
            System.arraycopy(staying, 0, kept, size, staying.length);
            size += staying.length;
        }
        int[] ranked = Ranking.descending(scores, Arrays.copyOf(kept, size));
        return Boxes.pick(boxes, Arrays.copyOf(ranked, Math.min(size, limits.kept())));
    }
}
