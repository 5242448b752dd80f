package perdura.training.tasks.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.GoldenFixture;
import perdura.training.nn.ScriptBuilder;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** What the fixtures of the reference don't tell of RoIAlign. */
class TestRoiAlign {
    private static final int SIDE = 224;
    private static final int IMAGES = 2;
    private static final int CHANNELS = 24;

    private static final RoiAlign ALIGN = new RoiAlign(7, 2, 224);

    private static double[] boxes(Random random, int count) {
        double[] boxes = new double[4 * count];
        for (int at = 0; at < boxes.length; at += 4) {
            for (int axis = 0; axis < 2; axis++) {
                double size = 4 + 200 * random.nextDouble();
                boxes[at + axis] = (SIDE - size) * random.nextDouble();
                boxes[at + axis + 2] = boxes[at + axis] + size;
            }
        }
        return boxes;
    }

    /** Pooled boxes and the gradients of all maps. */
    private static List<double[]> pool(int threads) {
        Random random = new Random(5);
        try (Torch torch = Torch.start("cpu", threads);
                StepScope scope = torch.newStep()) {
            Parameters maps = new Parameters(torch);
            List<String> names = List.of("p2", "p3", "p4", "p5");
            for (int level = 0; level < names.size(); level++) {
                int grid = Anchors.grid(SIDE, level);
                List<Long> shape = List.of((long) IMAGES, (long) CHANNELS, (long) grid, (long) grid);
                maps.add(names.get(level), ElementType.F32, shape);
            }
            maps.copyIn(names.stream()
                    .map(name -> GoldenFixture.host(
                            name,
                            ElementType.F32,
                            maps.tensor(name).shape(),
                            DoubleStream.generate(random::nextGaussian)
                                    .limit(maps.tensor(name).toDoubles().length)
                                    .toArray()))
                    .toList());
            RoiWeights weights = new RoiWeights(ALIGN, SIDE, SIDE);
            weights.clear(IMAGES);
            for (int image = 0; image < IMAGES; image++) {
                weights.add(image, boxes(random, 300));
            }
            ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.CONSTANT_NORM);
            ALIGN.write(program);
            String all =
                    String.join(", ", names.stream().map(program::parameter).toList());
            program.function("pool", "rois: List[Tensor]", "List[Tensor]", """
                    pooled = self.roi_pool(p, rois, self.roi_rows(p, [%s]))
                    return [torch.sum(torch.mul(pooled, torch.detach(pooled))), torch.detach(pooled)]
                    """.formatted(all));
            Script script = Script.compile(torch, program.text());
            Gradients gradients = new Gradients(maps, names);
            List<Tensor> rois = weights.tensors(scope, ElementType.F32);
            List<Tensor> results =
                    Gradients.record(() -> script.call(scope, "pool", List.of(program.arguments(maps), rois)));
            Gradients.backward(scope, results.get(0));
            List<double[]> found = new ArrayList<>(List.of(results.get(1).toDoubles()));
            gradients.tensors(names).forEach(gradient -> found.add(gradient.toDoubles()));
            return found;
        }
    }

    @Test
    void theNumberOfThreadsChangesNoBit() {
        List<double[]> one = pool(1);
        List<double[]> two = pool(2);
        assertThat(one.get(0)).hasSize(IMAGES * 300 * 49 * CHANNELS);
        for (int i = 0; i < one.size(); i++) {
            assertThat(two.get(i)).as("result %d", i).isEqualTo(one.get(i));
        }
    }

    @Test
    void aBatchWithoutBoxesIsABug() {
        RoiWeights weights = new RoiWeights(ALIGN, SIDE, SIDE);
        weights.clear(IMAGES);
        try (Torch torch = Torch.start("cpu", 1);
                StepScope scope = torch.newStep()) {
            assertThatThrownBy(() -> weights.tensors(scope, ElementType.F32))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no box");
        }
    }
}
