package perdura.training.methods.prior.model;

import java.util.List;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec;
import perdura.training.torch.Parameters;

/**
 * PRIOR's formulas (prior.md 2.3 to 2.8) in plain Java: one sample and one sentence at a time, without padding and without the
 * engine. Matrices are rows of numbers.
 */
final class PriorOracle {
    private final ModelSpec spec;
    private final Parameters parameters;
    private final double tau;

    PriorOracle(ModelSpec spec, Parameters parameters, double tau) {
        this.spec = spec;
        this.parameters = parameters;
        this.tau = tau;
    }

    /** Parameter [rows, columns], or [columns] as one row. */
    private double[][] matrix(String name) {
        double[] values = parameters.tensor(name).toDoubles();
        List<Long> shape = parameters.tensor(name).shape();
        return rows(values, shape.size() == 2 ? Math.toIntExact(shape.get(1)) : values.length);
    }

    static double[][] rows(double[] values, int width) {
        double[][] rows = new double[values.length / width][width];
        for (int i = 0; i < values.length; i++) {
            rows[i / width][i % width] = values[i];
        }
        return rows;
    }

    private double[] linear(String name, double[] x) {
        double[][] weight = matrix(name + ".weight");
        double[] result = matrix(name + ".bias")[0];
        for (int i = 0; i < result.length; i++) {
            result[i] += dot(weight[i], x);
        }
        return result;
    }

    private double[][] linear(String name, double[][] x) {
        double[][] result = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            result[i] = linear(name, x[i]);
        }
        return result;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double cosine(double[] a, double[] b) {
        return dot(a, b) / Math.sqrt(dot(a, a)) / Math.sqrt(dot(b, b));
    }

    static double[] softmax(double[] logits) {
        double[] result = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            result[i] = Math.exp(logits[i]);
            sum += result[i];
        }
        for (int i = 0; i < logits.length; i++) {
            result[i] /= sum;
        }
        return result;
    }

    static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs(a[i] - b[i]);
        }
        return sum;
    }

    private double scale(String name) {
        return Math.exp(parameters.tensor(name).item());
    }

    /** SPB's output for one sentence. */
    double[] mix(double[] x, double[] noise) {
        double[][] bank = matrix("spb.prototypes");
        double[] logits = new double[bank.length];
        int first = 0;
        for (int k = 0; k < bank.length; k++) {
            logits[k] = (dot(x, bank[k]) + noise[k]) / tau;
            first = logits[k] > logits[first] ? k : first;
        }
        if (spec.spb().query() == SpbSpec.Query.HARD) {
            return bank[first];
        }
        return weigh(softmax(logits), bank);
    }

    private static double[] weigh(double[] weights, double[][] rows) {
        double[] result = new double[rows[0].length];
        for (int k = 0; k < rows.length; k++) {
            for (int i = 0; i < result.length; i++) {
                result[i] += weights[k] * rows[k][i];
            }
        }
        return result;
    }

    double prototypeLoss(List<double[][]> mixed, List<double[][]> x) {
        double all = 0;
        double byReport = 0;
        int sentences = 0;
        for (int b = 0; b < x.size(); b++) {
            double report = 0;
            for (int i = 0; i < x.get(b).length; i++) {
                report += distance(mixed.get(b)[i], x.get(b)[i]) / spec.dim();
            }
            all += report;
            byReport += report / x.get(b).length / x.size();
            sentences += x.get(b).length;
        }
        return spec.spb().lossMean() == SpbSpec.LossMean.REPORTS ? byReport : all / sentences;
    }

    /** t_g of one report's sentences. */
    double[] report(double[][] sentences) {
        int dim = spec.dim();
        int heads = spec.heads().sentencePoolHeads();
        double[][] x = new double[sentences.length + 1][];
        x[0] = new double[dim];
        for (int i = 0; i < sentences.length; i++) {
            x[i + 1] = sentences[i];
            for (int k = 0; k < dim; k++) {
                x[0][k] += sentences[i][k] / sentences.length;
            }
        }
        double[] query = linear("text.sentence_pool.q_proj", x[0]);
        double[][] keys = linear("text.sentence_pool.k_proj", x);
        double[][] values = linear("text.sentence_pool.v_proj", x);
        double[] pooled = new double[dim];
        int width = dim / heads;
        for (int head = 0; head < heads; head++) {
            double[] logits = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                for (int k = head * width; k < (head + 1) * width; k++) {
                    logits[i] += query[k] * keys[i][k] / Math.sqrt(width);
                }
            }
            double[] weights = softmax(logits);
            for (int i = 0; i < x.length; i++) {
                for (int k = head * width; k < (head + 1) * width; k++) {
                    pooled[k] += weights[i] * values[i][k];
                }
            }
        }
        return linear("text.sentence_pool.out_proj", pooled);
    }

    /** V^: the image evidence of each sentence. */
    double[][] sentenceEvidence(double[][] patches, double[][] sentences) {
        return evidence(
                linear("lam.text.q_proj", sentences),
                linear("lam.image.k_proj", patches),
                linear("lam.image.v_proj", patches));
    }

    /** S^: the text evidence of each patch. */
    double[][] patchEvidence(double[][] patches, double[][] sentences) {
        return evidence(
                linear("lam.image.q_proj", patches),
                linear("lam.text.k_proj", sentences),
                linear("lam.text.v_proj", sentences));
    }

    private double[][] evidence(double[][] queries, double[][] keys, double[][] values) {
        double[][] result = new double[queries.length][];
        for (int i = 0; i < queries.length; i++) {
            double[] weights = new double[keys.length];
            for (int j = 0; j < keys.length; j++) {
                weights[j] = dot(queries[i], keys[j]) / Math.sqrt(spec.dim());
            }
            if (spec.heads().lamActivation() == LamActivation.SOFTMAX) {
                weights = softmax(weights);
            } else {
                for (int j = 0; j < keys.length; j++) {
                    weights[j] = 1 / (1 + Math.exp(-weights[j]));
                }
            }
            result[i] = weigh(weights, values);
        }
        return result;
    }

    /** -1/2 mean of cos(h(V), S^) + cos(h(S^), V). */
    double reportToImage(List<double[][]> patches, List<double[][]> evidence) {
        double sum = 0;
        int count = 0;
        for (int b = 0; b < patches.size(); b++) {
            for (int i = 0; i < patches.get(b).length; i++) {
                sum += cosine(predict(patches.get(b)[i]), evidence.get(b)[i])
                        + cosine(predict(evidence.get(b)[i]), patches.get(b)[i]);
                count++;
            }
        }
        return -0.5 * sum / count;
    }

    private double[] predict(double[] x) {
        double[] hidden = linear("predictor.fc1", x);
        for (int i = 0; i < hidden.length; i++) {
            hidden[i] = Math.max(0, hidden[i]);
        }
        return linear("predictor.fc2", hidden);
    }

    double imageToReport(List<double[][]> sentences, List<double[][]> evidence) {
        double sum = 0;
        for (int b = 0; b < sentences.size(); b++) {
            sum += contrast(sentences.get(b), evidence.get(b), scale(Prior.LOCAL_SCALE)) / sentences.size();
        }
        return sum;
    }

    double globalLoss(List<double[]> images, List<double[]> texts) {
        return contrast(images.toArray(double[][]::new), texts.toArray(double[][]::new), scale(Prior.GLOBAL_SCALE));
    }

    /** 1/2 [CE(Z, diagonal) + CE(Z', diagonal)], Z = scale cos(a, b). */
    private static double contrast(double[][] a, double[][] b, double scale) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double row = 0;
            double column = 0;
            for (int j = 0; j < a.length; j++) {
                row += Math.exp(scale * cosine(a[i], b[j]));
                column += Math.exp(scale * cosine(a[j], b[i]));
            }
            sum += Math.log(row) + Math.log(column) - 2 * scale * cosine(a[i], b[i]);
        }
        return 0.5 * sum / a.length;
    }

    /** InfoNCE of each sentence with its evidence from every image. */
    double crossImage(List<double[][]> patches, List<double[][]> sentences) {
        double sum = 0;
        int count = 0;
        for (int b = 0; b < sentences.size(); b++) {
            for (int i = 0; i < sentences.get(b).length; i++) {
                double[][] sentence = {sentences.get(b)[i]};
                double all = 0;
                double own = 0;
                for (int c = 0; c < patches.size(); c++) {
                    double[] evidence = sentenceEvidence(patches.get(c), sentence)[0];
                    double z = scale(Prior.LOCAL_SCALE) * cosine(sentence[0], evidence);
                    all += Math.exp(z);
                    own = c == b ? z : own;
                }
                sum += Math.log(all) - own;
                count++;
            }
        }
        return sum / count;
    }

    /** InfoNCE of each sentence over all patches, those of its own image being right, by the logits of A_v. */
    double crossPatch(List<double[][]> patches, List<double[][]> sentences) {
        double sum = 0;
        int count = 0;
        for (int b = 0; b < sentences.size(); b++) {
            for (double[] sentence : sentences.get(b)) {
                double[] key = linear("lam.text.k_proj", sentence);
                double all = 0;
                double own = 0;
                for (int c = 0; c < patches.size(); c++) {
                    for (double[] patch : patches.get(c)) {
                        double each = Math.exp(dot(linear("lam.image.q_proj", patch), key) / Math.sqrt(spec.dim()));
                        all += each;
                        own += c == b ? each : 0;
                    }
                }
                sum -= Math.log(own / all);
                count++;
            }
        }
        return sum / count;
    }

    /** The least total L1 distance of predictions to targets over all matchings; targets beyond the sentences are 0. */
    double leastDistance(double[][] predicted, double[][] sentences) {
        int queries = spec.queries();
        double[] costs = new double[queries * queries];
        for (int i = 0; i < costs.length; i++) {
            costs[i] = distance(predicted[i / queries], target(sentences, i % queries));
        }
        return TestLinearAssignment.cheapest(costs, 0, queries, 0, 0);
    }

    private double[] target(double[][] sentences, int j) {
        return j < sentences.length ? sentences[j] : new double[spec.dim()];
    }

    /** The total L1 distance of predictions to targets in a matching: L_spg, to be divided by B Q d. */
    double generation(double[][] predicted, double[][] sentences, int[] queryOfTarget) {
        double sum = 0;
        for (int j = 0; j < queryOfTarget.length; j++) {
            sum += distance(predicted[queryOfTarget[j]], target(sentences, j));
        }
        return sum;
    }

    /** KL(softmax(x E') || softmax(y E')). */
    double divergence(double[] x, double[] y) {
        double[] target = softmax(logits(x));
        double[] given = softmax(logits(y));
        double sum = 0;
        for (int k = 0; k < target.length; k++) {
            sum += target[k] * Math.log(target[k] / given[k]);
        }
        return sum;
    }

    private double[] logits(double[] x) {
        double[][] bank = matrix("spb.prototypes");
        double[] logits = new double[bank.length];
        for (int k = 0; k < bank.length; k++) {
            logits[k] = dot(x, bank[k]);
        }
        return logits;
    }
}
