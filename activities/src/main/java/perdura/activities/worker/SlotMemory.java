package perdura.activities.worker;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * Limits of the memory that the JVM of a slot may take. The engine's own memory comes on top of it, so that heap and copies
 * of the state leave half of the machine to it where they can.
 *
 * @param heapBytes for the heap, of which a part holds resized images
 * @param directBytes for copies of the state outside of the heap: a full-size one has 237 million parameters and two
 *     moments each, 4 bytes a number, 2.8 GB; a loaded one may linger beside the first that is copied out
 */
record SlotMemory(long heapBytes, long directBytes) {
    private static final long GIB = 1L << 30;

    /** Two full-size states and the batches. It is a limit, not a reservation. */
    private static final long FULL_SIZE = 6 * GIB;

    private static final long SMALLEST_HEAP = GIB / 2;

    static SlotMemory ofThisMachine(int slots) {
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return of(machine.getTotalMemorySize(), slots);
    }

    /**
     * A quarter of the machine for all heaps and another one for all copies; but a slot's copies may be full-size ones
     * for as long as they leave half of the machine free.
     *
     * @param machineBytes memory of the machine, or of the container
     * @param slots at least 1
     */
    static SlotMemory of(long machineBytes, int slots) {
        long share = machineBytes / 4 / slots;
        return new SlotMemory(Math.max(SMALLEST_HEAP, share), Math.max(share, Math.min(FULL_SIZE, machineBytes / 2)));
    }
}
