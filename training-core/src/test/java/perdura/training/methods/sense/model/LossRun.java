package perdura.training.methods.sense.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Gradients;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** What the losses compare, in rows of doubles, and what they make of it. Vectors are taken as they are. */
final class LossRun {
    /** Vectors of the normal network, in the order of the queues as far as they are read. */
    double[][][] vectors = {};

    double[][][] keys = {};
    /** Filled slots alone. */
    double[][][] queues = {};

    long[] studies = {};
    long[] queued = {};
    long[] labels = {};
    double[][] centroids = {};
    double[] phi = {};
    double[][] fused = {};
    long[] fusedLabels = {};

    /**
     * @param figures by name, with {@code total}
     * @param gradients by the vectors
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Found(Map<String, Double> figures, double[][][] gradients) {
        double total() {
            return Objects.requireNonNull(figures.get("total"));
        }
    }

    /** The same with queues of a length: free slots hold anything. */
    Found run(Torch torch, SenseLosses losses, int length) {
        ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
        losses.writeParts(program);
        losses.write(program, "losses", 1);
        try (Script script = Script.compile(torch, program.text());
                StepScope scope = torch.newStep()) {
            int width = vectors[0][0].length;
            List<Tensor> leaves = Arrays.stream(vectors)
                    .map(rows -> matrix(scope, rows, rows.length, width))
                    .toList();
            List<Tensor> q = new ArrayList<>(List.of(slots(scope, queued, length)));
            Arrays.stream(queues).forEach(rows -> q.add(matrix(scope, rows, length, width)));
            if (losses.readsFused()) {
                q.add(matrix(scope, fused, length, centroids[0].length));
                q.add(slots(scope, fusedLabels, length));
            }
            List<List<Tensor>> lists = new ArrayList<>(List.of(
                    List.of(scope.scalar(0)),
                    leaves,
                    Arrays.stream(keys)
                            .map(rows -> matrix(scope, rows, rows.length, width))
                            .toList(),
                    q));
            if (losses.readsLabels()) {
                Tensor y = slots(scope, labels, labels.length);
                double[][] centres = centroids.length == 0 ? new double[][] {{1}} : centroids;
                Tensor each = scope.tensor(SenseFixture.host(
                        "phi", ElementType.F64, phi.length == 0 ? new double[centres.length] : phi, centres.length));
                lists.add(List.of(y, matrix(scope, centres, centres.length, centres[0].length), each));
            }
            Gradients.startFrom(leaves);
            List<Tensor> results =
                    Gradients.record(() -> script.call(scope, "losses", lists, slots(scope, studies, studies.length)));
            Gradients.backward(scope, results.get(0));
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("total", results.get(0).item());
            double[] values = results.get(1).toDoubles();
            for (int i = 0; i < values.length; i++) {
                figures.put(losses.figures().get(i), values[i]);
            }
            double[][][] gradients = Gradients.of(leaves).stream()
                    .map(gradient -> rows(gradient.toDoubles(), width))
                    .toArray(double[][][]::new);
            return new Found(figures, gradients);
        }
    }

    static double[][] rows(double[] values, int width) {
        double[][] rows = new double[values.length / width][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
        }
        return rows;
    }

    /** Rows, and ones of 77 after them up to a length. */
    private static Tensor matrix(StepScope scope, double[][] rows, int length, int width) {
        double[] all = new double[length * width];
        Arrays.fill(all, 77);
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, all, i * width, width);
        }
        return scope.tensor(SenseFixture.host("rows", ElementType.F64, all, length, width));
    }

    private static Tensor slots(StepScope scope, long[] values, int length) {
        double[] all = LongStream.range(0, length)
                .mapToDouble(i -> i < values.length ? values[(int) i] : -1)
                .toArray();
        return scope.tensor(SenseFixture.host("slots", ElementType.I64, all, length));
    }
}
