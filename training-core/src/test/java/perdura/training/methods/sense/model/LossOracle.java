package perdura.training.methods.sense.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.training.methods.sense.spec.ClusterSpec.Fusion;
import perdura.training.methods.sense.spec.LossSpec;
import perdura.training.methods.sense.spec.LossSpec.MmcAnchor;
import perdura.training.methods.sense.spec.LossSpec.MmcForm;
import perdura.training.methods.sense.spec.LossSpec.SameStudyKeys;

/** The losses of sense.md 3d read word for word: one anchor and one candidate at a time. */
final class LossOracle {
    private final LossRun run;
    private final LossSpec spec;
    private final Fusion fusion;

    LossOracle(LossRun run, LossSpec spec, Fusion fusion) {
        this.run = run;
        this.spec = spec;
        this.fusion = fusion;
    }

    /** Eq. 2. */
    double crossModal() {
        return (mean(run.vectors[0], run.keys[1], run.queues[1]) + mean(run.vectors[1], run.keys[0], run.queues[0]))
                / 2;
    }

    /** Eq. 7; {@code at} is the place of its first vectors. */
    double uniModal(int at, int ofKeys) {
        return (mean(run.vectors[at], run.keys[ofKeys], run.queues[ofKeys])
                        + mean(run.vectors[at + 1], run.keys[ofKeys + 1], run.queues[ofKeys + 1]))
                / 2;
    }

    private double mean(double[][] anchors, double[][] keys, double[][] queue) {
        double sum = 0;
        for (int i = 0; i < anchors.length; i++) {
            List<Double> positives = new ArrayList<>();
            List<Double> all = new ArrayList<>();
            for (int j = 0; j < keys.length + queue.length; j++) {
                boolean isOfBatch = j < keys.length;
                double[] key = isOfBatch ? keys[j] : queue[j - keys.length];
                long study = isOfBatch ? run.studies[j] : run.queued[j - keys.length];
                boolean isOwn = j == i;
                if (isOfBatch && !isOwn && !spec.inBatchNegatives()) {
                    continue;
                }
                boolean isSame = study == run.studies[i];
                if (isSame && !isOwn && spec.sameStudyKeys() == SameStudyKeys.DROP) {
                    continue;
                }
                boolean isPositive = isOwn || isSame;
                if (spec.clusterMask() && !isPositive && run.labels[(int) study] == run.labels[(int) run.studies[i]]) {
                    continue;
                }
                double logit = dot(anchors[i], key) / spec.tau();
                all.add(logit);
                if (isPositive) {
                    positives.add(logit);
                }
            }
            sum += logSum(all)
                    - positives.stream().mapToDouble(x -> x).average().orElseThrow();
        }
        return sum / anchors.length;
    }

    /** Eq. 5. */
    double multiModal() {
        int size = run.vectors[0].length;
        double sum = 0;
        for (int i = 0; i < size; i++) {
            double[] v = run.vectors[0][i];
            double[] t = run.vectors[1][i];
            sum += spec.mmcAnchor() == MmcAnchor.FUSED
                    ? anchor(i, fuse(v, t), 0, 1)
                    : (anchor(i, v, 0, 2) + anchor(i, t, 1, 2)) / 2;
        }
        return sum / size;
    }

    /** @param part of {@code parts} of each centroid */
    private double anchor(int i, double[] anchor, int part, int parts) {
        int label = (int) run.labels[(int) run.studies[i]];
        List<Double> all = new ArrayList<>();
        List<Double> own = new ArrayList<>();
        if (spec.mmcForm() == MmcForm.PROTO) {
            for (int k = 0; k < run.centroids.length; k++) {
                double[] centroid = run.centroids[k];
                if (fusion == Fusion.CONCAT && parts == 2) {
                    int half = centroid.length / 2;
                    centroid = unit(Arrays.copyOfRange(centroid, part * half, (part + 1) * half));
                }
                all.add(dot(anchor, centroid) / run.phi[k]);
            }
            return logSum(all) - all.get(label);
        }
        for (int j = 0; j < run.keys[0].length; j++) {
            all.add(dot(anchor, fuse(run.keys[0][j], run.keys[1][j])) / spec.tau());
            if (run.labels[(int) run.studies[j]] == label) {
                own.add(all.get(j));
            }
        }
        for (int j = 0; j < run.fused.length; j++) {
            all.add(dot(anchor, run.fused[j]) / spec.tau());
            if (run.fusedLabels[j] == label) {
                own.add(all.get(all.size() - 1));
            }
        }
        return logSum(all) - own.stream().mapToDouble(x -> x).average().orElseThrow();
    }

    double[] fuse(double[] v, double[] t) {
        double[] joined = new double[fusion == Fusion.CONCAT ? 2 * v.length : v.length];
        for (int d = 0; d < joined.length; d++) {
            joined[d] = fusion == Fusion.MEAN ? (v[d] + t[d]) / 2 : d < v.length ? v[d] : t[d - v.length];
        }
        return unit(joined);
    }

    static double[] unit(double[] x) {
        double norm = Math.max(Math.sqrt(dot(x, x)), 1e-12);
        return Arrays.stream(x).map(value -> value / norm).toArray();
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += a[d] * b[d];
        }
        return sum;
    }

    private static double logSum(List<Double> logits) {
        double most = logits.stream().mapToDouble(x -> x).max().orElseThrow();
        return most
                + Math.log(logits.stream().mapToDouble(x -> Math.exp(x - most)).sum());
    }
}
