package perdura.activities.gpu;

/** Which device a run gets on a slot. */
final class DeviceChoice {
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
