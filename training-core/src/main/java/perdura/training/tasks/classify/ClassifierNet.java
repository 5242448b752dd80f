package perdura.training.tasks.classify;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.RowList;
import perdura.training.nn.Classifier;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;
import perdura.training.tasks.classify.LabelledBatches.LabelledBatch;
import perdura.training.tasks.fit.Evaluator;
import perdura.training.tasks.fit.FitJob.MeasuredPart;
import perdura.training.tasks.fit.FitNet;
import perdura.training.tasks.fit.NetPrograms;
import perdura.training.tasks.fit.NetWeights;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** A classifier on a device. Lives as long as its engine. */
final class ClassifierNet implements FitNet<LabelledBatch> {
    private final int labels;
    private final NetWeights weights;
    private final NetPrograms programs;

    /**
     * A classifier with first weights that are a function of the run seed and of what is copied over them.
     *
     * @param copyOver told the weights once they have the seed's values
     */
    ClassifierNet(Torch torch, Classifier classifier, int labels, long seed, Consumer<Parameters> copyOver) {
        StateDictLayout layout = classifier.layout();
        this.labels = labels;
        this.weights = new NetWeights(torch, layout, seed, copyOver);
        this.programs = new NetPrograms(
                weights, classifier.program(ScriptBuilder.Mode.TRAIN), classifier.program(ScriptBuilder.Mode.EVAL));
    }

    @Override
    public NetWeights weights() {
        return weights;
    }

    @Override
    public List<String> trained() {
        return programs.trained();
    }

    @Override
    public StepLoss loss(StepScope scope, LabelledBatch batch) {
        Tensor x = scope.floats(batch.inputs(), batch.sizes());
        Tensor y = scope.floats(batch.targets(), batch.size(), labels);
        return StepLoss.of(programs.train(scope, "loss", x, y).get(0));
    }

    /** Answers in evaluation mode, [B, labels], row-major. */
    private double[] logits(NetWeights.Kind kind, FloatBuffer inputs, long... shape) {
        try (StepScope scope = weights.torch().newStep()) {
            return programs.answer(kind, scope, "logits", scope.floats(inputs, shape))
                    .get(0)
                    .toDoubles();
        }
    }

    /**
     * A part of a split on which this is measured.
     *
     * @param batches of these rows, in this order, whatever the epoch
     * @param alive called for each batch
     */
    MeasuredPart<LabelledBatch, ClassificationMetrics> measured(
            String name, LabelledBatches batches, RowList rows, BinaryLabels truths, Runnable alive) {
        return new MeasuredPart<>(name, batches, kind -> new Logits(kind, rows, truths), alive);
    }

    /** The answers on a part, all of them: AUROC ranks them. */
    private final class Logits implements Evaluator<LabelledBatch, ClassificationMetrics> {
        private final NetWeights.Kind kind;
        private final RowList rows;
        private final BinaryLabels truths;
        private final double[][] logits; // [labels][rows]
        private int done;

        Logits(NetWeights.Kind kind, RowList rows, BinaryLabels truths) {
            this.kind = kind;
            this.rows = rows;
            this.truths = truths;
            this.logits = new double[labels][rows.size()];
        }

        @Override
        public OptionalDouble add(LabelledBatch batch) {
            double[] answers = logits(kind, batch.inputs(), batch.sizes()); // [B, labels]
            OptionalDouble notFinite = OptionalDouble.empty();
            for (int i = 0; i < batch.size(); i++) {
                for (int label = 0; label < labels; label++) {
                    double logit = answers[i * labels + label];
                    logits[label][done + i] = logit;
                    notFinite = Double.isFinite(logit) ? notFinite : OptionalDouble.of(logit);
                }
            }
            done += batch.size();
            return notFinite;
        }

        @Override
        public ClassificationMetrics result() {
            return ClassificationMetrics.of(logits, rows, truths);
        }
    }
}
