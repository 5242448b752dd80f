package perdura.training.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtEngine;
import ai.djl.pytorch.jni.JniUtils;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * The engine, started for one thread on one device. Everything made from it belongs to that thread; the seed of its
 * random draws is one per process, so one training runs in a process.
 */
public final class Torch implements AutoCloseable {
    private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,4})");

    private final NDManager base;

    private Torch(NDManager base) {
        this.base = base;
    }

    /**
     * Starts the engine for the calling thread: no gradients unless {@link Gradients} records, no graph optimiser (its
     * first run has other bits than the later ones), the given number of threads inside an operation, and on a GPU only operations that
     * give the same bits each time.
     *
     * @param device {@code auto}, {@code cpu} or {@code cuda:N}; auto takes the first GPU that the engine can use
     * @param threads intra-op threads, at least 1; part of the environment that fixes the bits of a run
     * @throws PerduraException INVALID_SPEC if this machine has no such device
     */
    public static Torch start(String device, int threads) {
        if (threads < 1) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, "resources.threads must be >= 1 here, was " + threads);
        }
        System.getProperties().putIfAbsent("ai.djl.offline", "true");
        System.getProperties().putIfAbsent("OPT_OUT_TRACKING", "true");
        Engine engine = Engine.getEngine(PtEngine.ENGINE_NAME);
        JniUtils.setGradMode(false);
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setNumThreads(threads);
        Device chosen = choose(device, NativeTorch.gpus());
        if (chosen.isGpu()) {
            NativeTorch.fixBits();
        }
        return new Torch(engine.newBaseManager(chosen));
    }

    /** The device that {@code wanted} means on a machine with {@code gpus} usable GPUs. */
    static Device choose(String wanted, int gpus) {
        if (wanted.equals("auto")) {
            return gpus > 0 ? Device.gpu(0) : Device.cpu();
        }
        if (wanted.equals("cpu")) {
            return Device.cpu();
        }
        Matcher cuda = CUDA.matcher(wanted);
        if (!cuda.matches()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC, "resources.device must be auto, cpu or cuda:N, was " + wanted);
        }
        int index = Integer.parseInt(cuda.group(1));
        if (index >= gpus) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "resources.device was " + wanted + ", but the engine can use " + gpus
                            + " GPUs on this machine; take auto or cpu, or a worker with that GPU");
        }
        return Device.gpu(index);
    }

    /** The chosen device: {@code cpu} or {@code cuda:N}. */
    public String device() {
        return name(base.getDevice());
    }

    /** The chosen device as far as it decides the bits: {@code cpu}, or {@code cuda} and the GPU's model. */
    public String kind() {
        return kind(base.getDevice());
    }

    /**
     * What a job on {@code wanted} would run on, on this machine, as {@link #kind()} tells it: two GPUs of one model are the same.
     *
     * @throws PerduraException INVALID_SPEC if this machine lacks the device
     */
    public static String kindOf(String wanted) {
        Engine.getEngine(PtEngine.ENGINE_NAME);
        return kind(choose(wanted, NativeTorch.gpus()));
    }

    private static String kind(Device device) {
        return device.isGpu() ? "cuda " + NativeTorch.model(device.getDeviceId()) : "cpu";
    }

    private static String name(Device device) {
        return device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
    }

    /** The engine's version, for the fingerprint of an environment. */
    public static String engineVersion() {
        return Engine.getEngine(PtEngine.ENGINE_NAME).getVersion();
    }

    /** Seeds the engine's generators, those of the process. */
    public void seed(long seed) {
        JniUtils.setSeed(seed);
    }

    /** A scope for the tensors of one step. */
    public StepScope newStep() {
        return new StepScope(base.newSubManager());
    }

    /** A place for tensors that outlive the steps. */
    NDManager newStore() {
        return base.newSubManager();
    }

    /** Frees everything that was made from this engine and is still open. */
    @Override
    public void close() {
        base.close();
    }
}
