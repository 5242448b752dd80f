package perdura.training.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

class TestBertWords {
    private static final String TABLE = "text.embeddings.word_embeddings.weight";
    private static final int ROWS = 7;
    private static final int WIDTH = 3;
    private static final int IDS = 4000; // more than a GPU's embedding adds in order

    private record Learnt(List<Double> words, List<Double> gradient) {}

    @Test
    void theGpusLookupIsPyTorchsEmbedding() {
        Learnt host = learn("words_of_host");
        Learnt gpu = learn("words_of_gpu");
        assertThat(gpu.words()).isEqualTo(host.words());
        for (int i = 0; i < ROWS * WIDTH; i++) {
            assertThat(gpu.gradient().get(i)).isCloseTo(host.gradient().get(i), within(1e-9));
        }
        assertThat(gpu.gradient().subList(0, WIDTH)).containsOnly(0.0);
        assertThat(gpu.gradient().get(WIDTH)).isNotZero();
    }

    @Test
    void idsOnTheHostAreLookedUpByTheEmbedding() {
        assertThat(learn("words").gradient()).isEqualTo(learn("words_of_host").gradient());
    }

    private static Learnt learn(String function) {
        ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.TRAIN);
        new Bert("text", ROWS, WIDTH, 0, 1, WIDTH, 8, 0).write(program);
        program.function("run", "ids: Tensor, weight: Tensor", "List[Tensor]", """
                x = self.%s(p, ids)
                return [torch.sum(torch.mul(torch.flatten(x, 0, 1), weight)), x]
                """.formatted(function));
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = new Parameters(torch);
                Script script = Script.compile(torch, program.text());
                StepScope scope = torch.newStep()) {
            for (String name : program.trained()) {
                int rows = name.equals(TABLE) ? ROWS : 8;
                store.add(name, ElementType.F64, name.contains("LayerNorm") ? List.of(3L) : List.of((long) rows, 3L));
            }
            store.copyIn(values(TABLE, ROWS));
            long[] ids = new long[IDS];
            for (int i = 0; i < IDS; i++) {
                ids[i] = (i * 31L + i / 5) % ROWS;
            }
            Tensor drawn = scope.longs(LongBuffer.wrap(ids), IDS / 8, 8);
            Tensor weight = scope.tensor(values("weight", IDS));
            try (Gradients gradients = new Gradients(store, List.of(TABLE))) {
                List<Tensor> results = Gradients.record(
                        () -> script.call(scope, "run", List.of(program.arguments(store)), drawn, weight));
                Gradients.backward(scope, results.get(0));
                return new Learnt(boxed(results.get(1)), boxed(gradients.tensor(TABLE)));
            }
        }
    }

    private static List<Double> boxed(Tensor tensor) {
        return Arrays.stream(tensor.toDoubles()).boxed().toList();
    }

    private static HostTensor values(String name, int rows) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * WIDTH * rows).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < WIDTH * rows; i++) {
            bytes.putDouble(Math.sin(i + 1.0));
        }
        return new HostTensor(name, ElementType.F64, List.of((long) rows, (long) WIDTH), bytes.flip());
    }
}
