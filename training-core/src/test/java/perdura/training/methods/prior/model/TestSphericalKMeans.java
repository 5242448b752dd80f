package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.methods.prior.model.SentenceBank.SphericalKMeans;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

class TestSphericalKMeans {
    @Test
    void centresAreTheMeanDirectionsAtTheMeanLength() {
        double[][] vectors = {{3, 0.3}, {0.2, 2}, {4, -0.4}, {-5, 0.1}, {0, 1}, {-1, 0.5}};
        try (Torch torch = Torch.start("cpu", 1);
                SphericalKMeans clustering = new SphericalKMeans(torch, 15);
                StepScope scope = torch.newStep()) {
            Tensor centres = scope.tensor(host(new double[3][2]));
            List<Tensor> chunks = List.of(
                    scope.tensor(host(vectors[0], vectors[1])),
                    scope.tensor(host(vectors[2], vectors[3], vectors[4], vectors[5])));
            clustering.cluster(scope, chunks, centres);
            double mean = 0;
            for (double[] vector : vectors) {
                mean += Math.hypot(vector[0], vector[1]) / vectors.length;
            }
            double[] found = centres.toDoubles();
            // The first start is the vector nearest to the mean direction, the next ones the farthest.
            int[][] members = {{1, 4}, {3, 5}, {0, 2}};
            for (int k = 0; k < 3; k++) {
                double x = 0;
                double y = 0;
                for (int member : members[k]) {
                    double length = Math.hypot(vectors[member][0], vectors[member][1]);
                    x += vectors[member][0] / length;
                    y += vectors[member][1] / length;
                }
                assertThat(found[2 * k]).isCloseTo(mean * x / Math.hypot(x, y), within(1e-12));
                assertThat(found[2 * k + 1]).isCloseTo(mean * y / Math.hypot(x, y), within(1e-12));
            }
        }
    }

    private static HostTensor host(double[]... rows) {
        ByteBuffer bytes = ByteBuffer.allocate(16 * rows.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double[] row : rows) {
            bytes.putDouble(row[0]).putDouble(row[1]);
        }
        return new HostTensor("x", ElementType.F64, List.of((long) rows.length, 2L), bytes.flip());
    }
}
