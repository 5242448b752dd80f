package perdura.training.torch;

import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Settings of libtorch that the engine's binding doesn't reach, by the mangled names of its C++ functions. Linux only. */
final class NativeTorch {
    private static final String FIXED_WORKSPACE = "CUBLAS_WORKSPACE_CONFIG";

    private NativeTorch() {}

    /** The GPUs that libtorch itself can use; 0 if it was built without CUDA. The engine must have been loaded. */
    static int gpus() {
        return find("libc10_cuda.so")
                .map(library -> library.getFunction("_ZN3c104cuda12device_countEv") // c10::cuda::device_count()
                        .invokeInt(new Object[0]))
                .map(Integer::byteValue) // c10::DeviceIndex
                .map(Byte::intValue)
                .orElse(0);
    }

    /** The model of a GPU that libtorch can use, for instance {@code NVIDIA H200}. */
    static String model(int gpu) {
        NativeLibrary library = find("libtorch_cuda.so")
                .orElseThrow(() -> new IllegalStateException("libtorch was built without CUDA"));
        return library.getFunction("_ZN2at4cuda19getDevicePropertiesEa") // at::cuda::getDeviceProperties(DeviceIndex)
                .invokePointer(new Object[] {(byte) gpu})
                .getString(0); // cudaDeviceProp begins with char name[256]
    }

    /**
     * Has the GPU compute the same bits whenever it computes the same, and float32 as float32. As
     * {@code torch.use_deterministic_algorithms(True)}, with {@code torch.backends.cudnn.benchmark} and both {@code allow_tf32} off. An
     * operation that has no such form fails from then on. For the whole process, before its first work on the GPU.
     *
     * @throws PerduraException INTERNAL if libtorch has no such settings
     */
    static void fixBits() {
        if (System.getenv(FIXED_WORKSPACE) == null) {
            NativeLibrary.getProcess().getFunction("setenv").invokeInt(new Object[] {FIXED_WORKSPACE, ":4096:8", 0});
        }
        set("26setDeterministicAlgorithmsEbb", true, false); // (on, warnOnly)
        set("39setDeterministicFillUninitializedMemoryEb", false); // which is for finding bugs, and slow
        set("17setBenchmarkCuDNNEb", false);
        set("17setAllowTF32CuDNNEb", false);
        set("18setAllowTF32CuBLASEb", false);
    }

    /** Calls a setter of at::Context, the settings of the process. */
    static void set(String mangled, boolean... values) {
        try {
            NativeLibrary library = find("libtorch_cpu.so").orElseThrow(() -> new UnsatisfiedLinkError("no such file"));
            Pointer context = library.getFunction("_ZN2at13globalContextEv").invokePointer(new Object[0]);
            Function setter = library.getFunction("_ZN2at7Context" + mangled);
            Object[] arguments = new Object[values.length + 1];
            arguments[0] = context;
            for (int i = 0; i < values.length; i++) {
                arguments[i + 1] = values[i];
            }
            setter.invokeVoid(arguments);
        } catch (UnsatisfiedLinkError e) {
            throw new PerduraException(
                    ErrorCode.INTERNAL,
                    LibUtils.getLibtorchPath() + ": libtorch lacks the setting " + mangled
                            + ", without which a GPU computes other bits each time; take resources.device: cpu",
                    e);
        }
    }

    private static Optional<NativeLibrary> find(String name) {
        Path file = Path.of(LibUtils.getLibtorchPath()).resolve(name);
        return Files.exists(file) ? Optional.of(NativeLibrary.getInstance(file.toString())) : Optional.empty();
    }
}
