package perdura.toy;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatch;
import perdura.datasets.text.EncodedReport;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.PretrainSpec;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.method.PairModel;
import perdura.training.method.PairModel.PairScores;
import perdura.training.method.PairModels;
import perdura.training.method.PromptTexts;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

/** Scores images with texts by the cosine of their vectors. */
final class ToyPairModels implements PairModels {
    @Override
    public int textLength(PretrainSpec spec) {
        return ToySpec.of(spec).textLength();
    }

    @Override
    public boolean scoresLocally(PretrainSpec spec, int stage) {
        return false;
    }

    @Override
    public PairModel open(Torch torch, PretrainSpec spec, int stage, int vocabulary, CheckpointWeights weights) {
        StateDictLayout layout = ToyModel.layout(ToySpec.of(spec), vocabulary);
        Parameters parameters = layout.allocate(torch, ElementType.F32);
        weights.copyInto(layout, parameters, "the model");
        ToyModel model = new ToyModel(torch, parameters, ToySpec.of(spec), ScriptBuilder.Mode.EVAL);
        return new Opened(ToySpec.of(spec), parameters, model);
    }

    /** Vectors [C][dim], one sentence each. */
    private static final class Texts implements PairModel.Texts {
        private final double[][] vectors;

        Texts(double[][] vectors) {
            this.vectors = vectors;
        }

        @Override
        public int size() {
            return vectors.length;
        }

        @Override
        public int sentenceCount() {
            return vectors.length;
        }
    }

    private record Opened(ToySpec spec, Parameters parameters, ToyModel model) implements PairModel {
        @Override
        public PairModel.Texts reports(StepScope scope, DataSet data, int[] rows, Runnable alive) {
            return texts(
                    scope,
                    Arrays.stream(rows)
                            .mapToObj(row -> EncodedReport.of(data.sentences(row), spec.textLength()))
                            .toList());
        }

        @Override
        public PairModel.Texts prompts(StepScope scope, Vocabulary vocabulary, List<List<String>> texts) {
            return texts(scope, PromptTexts.encode(vocabulary, spec.textLength(), texts));
        }

        private PairModel.Texts texts(StepScope scope, List<EncodedReport> reports) {
            return new ToyPairModels.Texts(rows(model.texts(scope, reports), reports.size()));
        }

        @Override
        public PairScores score(StepScope scope, ImageBatch batch, PairModel.Texts texts, Runnable alive) {
            Tensor centre = scope.floats(FloatBuffer.allocate(features()), 1, features());
            Tensor images = scope.floats(batch.images(), batch.size(), 1, spec.imageSize(), spec.imageSize());
            double[][] vectors = rows(model.call(scope, "image", images, centre), batch.size());
            double[][] others = ((ToyPairModels.Texts) texts).vectors;
            double[][] cosines = new double[vectors.length][others.length];
            for (int i = 0; i < vectors.length; i++) {
                for (int j = 0; j < others.length; j++) {
                    cosines[i][j] = dot(vectors[i], others[j])
                            / Math.sqrt(dot(vectors[i], vectors[i]) * dot(others[j], others[j]));
                }
            }
            return new PairScores(cosines, new double[vectors.length][others.length]);
        }

        private int features() {
            return ToyModel.encoder(spec).features();
        }

        private static double[][] rows(Tensor matrix, int rows) {
            double[] all = matrix.toDoubles();
            double[][] split = new double[rows][];
            for (int i = 0; i < rows; i++) {
                split[i] = Arrays.copyOfRange(all, i * all.length / rows, (i + 1) * all.length / rows);
            }
            return split;
        }

        private static double dot(double[] one, double[] other) {
            double sum = 0;
            for (int i = 0; i < one.length; i++) {
                sum += one[i] * other[i];
            }
            return sum;
        }

        @Override
        public double logScale() {
            return parameters.tensor("scale").item();
        }

        @Override
        public void close() {
            model.close();
            parameters.close();
        }
    }
}
