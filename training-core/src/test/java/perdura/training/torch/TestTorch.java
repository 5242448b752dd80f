package perdura.training.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;

class TestTorch {
    @Test
    void autoTakesTheFirstGpuOrElseTheCpu() {
        assertThat(Torch.choose("auto", 0)).isEqualTo(Device.cpu());
        assertThat(Torch.choose("auto", 2)).isEqualTo(Device.gpu(0));
        assertThat(Torch.choose("cuda:1", 2)).isEqualTo(Device.gpu(1));
        assertThat(Torch.choose("cpu", 2)).isEqualTo(Device.cpu());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cuda", "gpu:0", "cuda:x", "", "CPU", "cuda:-1"})
    void otherDeviceNamesAreRefused(String device) {
        assertThatThrownBy(() -> Torch.choose(device, 2))
                .isInstanceOf(PerduraException.class)
                .hasMessageContainingAll("resources.device", "auto", "cpu", "cuda:N", device)
                .satisfies(e -> assertThat(((PerduraException) e).code()).isEqualTo(ErrorCode.INVALID_SPEC));
    }

    @Test
    void missingGpuIsRefused() {
        assertThatThrownBy(() -> Torch.choose("cuda:2", 2))
                .isInstanceOf(PerduraException.class)
                .hasMessageContainingAll("resources.device", "cuda:2", "2 GPUs");
    }

    @Test
    void threadsAreSetWhenTheEngineStarts() {
        Torch.start("cpu", 2).close();
        assertThat(JniUtils.getNumThreads()).isEqualTo(2);
        Torch.start("cpu", 1).close();
        assertThat(JniUtils.getNumThreads()).isEqualTo(1);
        assertThatThrownBy(() -> Torch.start("cpu", 0))
                .isInstanceOf(PerduraException.class)
                .hasMessageContainingAll("resources.threads", ">= 1", "was 0");
    }

    @Test
    void everyThreadThatStartsTheEngineRecordsNothing() throws InterruptedException {
        boolean[] recording = {true};
        Thread other = new Thread(() -> {
            try (Torch torch = Torch.start("cpu", 1)) {
                recording[0] = JniUtils.isGradMode() || torch.device().isEmpty();
            }
        });
        other.start();
        other.join();
        assertThat(recording[0]).isFalse();
    }

    @Test
    void scriptTakesListsThenTensors() {
        try (Torch torch = Torch.start("cpu", 1);
                Script script = Script.compile(torch, """
                        def f(self: __torch__.Script, a: List[Tensor], b: List[Tensor], c: Tensor) -> List[Tensor]:
                          return [torch.add(a[0], a[1]), torch.mul(b[0], c)]
                        """);
                StepScope scope = torch.newStep()) {
            Tensor x = scope.floats(FloatBuffer.wrap(new float[] {1, 2}), 2);
            Tensor y = scope.floats(FloatBuffer.wrap(new float[] {10, 20}), 2);
            Tensor ids = scope.longs(LongBuffer.wrap(new long[] {3, 4}), 2);
            List<Tensor> results = script.call(scope, "f", List.of(List.of(x, y), List.of(ids)), scope.scalar(0.5));
            assertThat(results.get(0).toDoubles()).containsExactly(11, 22);
            assertThat(results.get(1).toDoubles()).containsExactly(1.5, 2);
            assertThat(ids.type()).isEqualTo(ElementType.I64);
            assertThat(ids.shape()).containsExactly(2L);
            assertThatThrownBy(() -> script.call(scope, "f", List.of(List.of(x, y), List.of(ids)), x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("one tensor stands in two arguments of f");
        }
    }

    @Test
    void wrongScriptIsRefused() {
        try (Torch torch = Torch.start("cpu", 1)) {
            assertThatThrownBy(
                            () -> Script.compile(torch, "def f(self: __torch__.Script, x: Tensor) -> Tensor:\n  oops"))
                    .isInstanceOf(PerduraException.class)
                    .hasMessageStartingWith("the engine refuses a script: ");
        }
    }

    @Test
    void errorInsideAnOperationLeavesTheEngineUsable() {
        try (Torch torch = Torch.start("cpu", 1);
                Script script = Script.compile(torch, """
                        def product(self: __torch__.Script, x: Tensor, y: Tensor) -> Tensor:
                          return torch.matmul(x, y)
                        """);
                StepScope scope = torch.newStep()) {
            Tensor row = scope.floats(FloatBuffer.wrap(new float[] {1, 2}), 1, 2);
            Tensor column = scope.floats(FloatBuffer.wrap(new float[] {1, 2}), 2, 1);
            assertThatThrownBy(() -> script.call(scope, "product", List.of(), row, row))
                    .isInstanceOf(PerduraException.class)
                    .hasMessageStartingWith("the engine failed in product: ");
            assertThat(script.call(scope, "product", List.of(), row, column)
                            .get(0)
                            .item())
                    .isEqualTo(5);
        }
    }

    @Test
    void fullMemoryIsToldFromABug() {
        try (Torch torch = Torch.start("cpu", 1);
                Script script = Script.compile(torch, """
                        def huge(self: __torch__.Script, x: Tensor) -> Tensor:
                          return torch.zeros([1000000000000000])
                        """);
                StepScope scope = torch.newStep()) {
            Tensor x = scope.scalar(0);
            assertThatThrownBy(() -> script.call(scope, "huge", List.of(), x))
                    .isInstanceOf(PerduraException.class)
                    .hasCauseInstanceOf(EngineException.class)
                    .satisfies(e -> assertThat(((PerduraException) e).code()).isEqualTo(ErrorCode.OUT_OF_MEMORY));
        }
    }

    /** The engine's own number overloads fail here: their scalar is freed while autograd still needs it. */
    @Test
    void gradientsSurviveGarbageCollectionBeforeTheBackwardPass() {
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = new Parameters(torch);
                Script script = Script.compile(torch, """
                        def f(self: __torch__.Script, p: List[Tensor], x: Tensor, c: Tensor) -> Tensor:
                          return torch.sum(torch.div(torch.pow(torch.mul(torch.mul(p[0], x), 3.), 2), c))
                        """)) {
            store.add("p", ElementType.F32, List.of(2L));
            store.copyIn(host("p", 1, 2));
            try (Gradients gradients = new Gradients(store, List.of("p"))) {
                for (int round = 0; round < 20; round++) {
                    try (StepScope scope = torch.newStep()) {
                        gradients.clear();
                        Tensor x = scope.floats(FloatBuffer.wrap(new float[] {1, 1}), 2);
                        Tensor loss = Gradients.record(() -> script.call(
                                        scope, "f", List.of(store.tensors(List.of("p"))), x, scope.scalar(2)))
                                .get(0);
                        System.gc();
                        Gradients.backward(scope, loss);
                        assertThat(gradients.tensor("p").toDoubles()).containsExactly(9, 18); // 2 * 9 p / 2
                    }
                }
            }
        }
    }

    @Test
    void copiesOutAreNotTouchedByLaterSteps() {
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = new Parameters(torch)) {
            store.add("a", ElementType.F32, List.of(2L));
            store.add("n", ElementType.I64, List.of());
            store.copyIn(host("a", 1, 2));
            List<HostTensor> copy = store.copyOut();
            store.copyIn(host("a", 3, 4));
            assertThat(copy).extracting(HostTensor::name).containsExactly("a", "n");
            assertThat(copy.get(0).data().getFloat(4)).isEqualTo(2);
            assertThat(copy.get(1).data().remaining()).isEqualTo(8);
            store.copyIn(copy);
            assertThat(store.tensor("a").toDoubles()).containsExactly(1, 2);
        }
    }

    @Test
    void stateWithOtherNamesIsRefusedWhole() {
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = new Parameters(torch)) {
            store.add("a", ElementType.F32, List.of(2L));
            store.add("b", ElementType.F32, List.of(2L));
            assertThatThrownBy(() -> store.copyIn(List.of(host("a", 5, 6))))
                    .isInstanceOf(PerduraException.class)
                    .hasMessageContainingAll("tensor b", "0 others");
            assertThatThrownBy(() -> store.copyIn(List.of(host("a", 5, 6), host("c", 5, 6))))
                    .isInstanceOf(PerduraException.class)
                    .hasMessage("tensor c is unknown to this model");
            assertThat(store.tensor("a").toDoubles()).containsExactly(0, 0);
        }
    }

    private static HostTensor host(String name, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return new HostTensor(name, ElementType.F32, List.of((long) values.length), bytes.flip());
    }
}
