package perdura.activities.gpu;

import java.nio.file.Path;
import perdura.grids.spec.DurableEffects;
import perdura.training.method.EpochPreparation;

/**
 * Where a job is made.
 *
 * @param artifactRoot the artifact store
 * @param threads of the engine, that the run is bound to
 * @param device of the slot
 * @param attempt number of the attempt at the run, from 1
 * @param prepared what was prepared for the run's epochs
 * @param alive to be called now and then by what takes long and is no step
 */
public record JobContext(
        Path artifactRoot,
        int threads,
        String device,
        long attempt,
        DurableEffects effects,
        EpochPreparation.Results prepared,
        Runnable alive) {

    /** Which device a run gets on a slot. */
    static final class DeviceChoice {
        private DeviceChoice() {}

        /**
         * The slot's device, unless the spec asks for the processor, or for a GPU where the slot has none: then the spec's, so
         * that the engine tells what is missing.
         */
        static String choose(String wanted, String slotDevice) {
            boolean slotHasGpu = slotDevice.startsWith("cuda:");
            if (wanted.equals("auto") || (wanted.startsWith("cuda:") && slotHasGpu)) {
                return slotDevice;
            }
            return wanted;
        }
    }
}
