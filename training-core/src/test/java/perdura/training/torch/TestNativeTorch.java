package perdura.training.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** On the library of the processor, which has the same settings and no GPU. */
class TestNativeTorch {
    @Test
    void aLibraryWithoutCudaHasNoGpus() {
        try (Torch torch = Torch.start("auto", 1)) {
            assertThat(NativeTorch.gpus()).isZero();
            assertThat(torch.kind()).isEqualTo("cpu");
            assertThat(Torch.kindOf("auto")).isEqualTo("cpu");
        }
    }

    @Test
    void operationsOfNoFixedBitsAreForbidden() {
        Torch.start("cpu", 1).close();
        assertThat(get("23deterministicAlgorithmsEv")).isFalse();
        try {
            NativeTorch.fixBits();
            assertThat(get("23deterministicAlgorithmsEv")).isTrue();
            assertThat(get("31deterministicAlgorithmsWarnOnlyEv")).isFalse();
            assertThat(get("36deterministicFillUninitializedMemoryEv")).isFalse();
            assertThat(get("14benchmarkCuDNNEv")).isFalse();
        } finally {
            NativeTorch.set("26setDeterministicAlgorithmsEbb", false, false);
        }
    }

    @Test
    void aLibraryWithoutASettingIsNamed() {
        Torch.start("cpu", 1).close();
        assertThatThrownBy(() -> NativeTorch.set("7setPaceEb", true))
                .isInstanceOf(PerduraException.class)
                .hasMessageContainingAll(
                        String.valueOf(LibUtils.getLibtorchPath()), "7setPaceEb", "GPU", "resources.device: cpu")
                .satisfies(e -> assertThat(((PerduraException) e).code()).isEqualTo(ErrorCode.INTERNAL));
    }

    /** A getter of at::Context: what PyTorch itself reads. */
    private static boolean get(String mangled) {
        NativeLibrary library = NativeLibrary.getInstance(LibUtils.getLibtorchPath() + "/libtorch_cpu.so");
        Pointer context = library.getFunction("_ZN2at13globalContextEv").invokePointer(new Object[0]);
        int answer = library.getFunction("_ZNK2at7Context" + mangled).invokeInt(new Object[] {context});
        return (answer & 0xFF) != 0; // C++'s bool is one byte
    }
}
