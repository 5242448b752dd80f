package perdura.activities.worker;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Starts the process of a slot. */
record SlotProcess(SlotSettings settings, String mainClass) {
    private static final Logger LOG = LoggerFactory.getLogger(SlotProcess.class);

    /** Folder of a slot: its log, crash logs and heap dumps. */
    static Path folder(Path workDir, int slot) {
        return workDir.resolve("slot-" + slot);
    }

    Path folder() {
        return folder(settings.worker().workDir(), settings.slot());
    }

    Path log() {
        return folder().resolve("slot.log");
    }

    /**
     * Starts it. It ends in order when its standard input is closed.
     *
     * @param first whether no process of this slot was started before, so that switches of tests hold
     */
    Process start(boolean first) {
        try {
            PrivateFiles.createDirectories(folder());
            if (Files.exists(log())) {
                Files.move(log(), folder().resolve("slot.previous.log"), StandardCopyOption.REPLACE_EXISTING);
            }
            Process process = builder(first).start();
            tell(process);
            return process;
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    folder() + ": the process of slot " + settings.slot() + " can't be started (" + e + ")",
                    e);
        }
    }

    private void tell(Process process) {
        OutputStream in = process.getOutputStream(); // stays open: its end is the sign to end
        try {
            in.write(settings.toLine().getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            LOG.warn("the process {} of {} was gone before it had its settings", process.pid(), folder(), e);
        }
    }

    private ProcessBuilder builder(boolean first) {
        ProcessBuilder builder =
                new ProcessBuilder(command(first)).redirectErrorStream(true).redirectOutput(log().toFile());
        Map<String, String> environment = builder.environment();
        environment
                .keySet()
                .removeIf(variable -> variable.startsWith("PERDURA_") // its settings come as a line
                        && !variable.startsWith("PERDURA_LIMIT_"));
        // Threads of OpenMP sleep while they wait: beside another process they would burn its cores.
        environment.put("OMP_WAIT_POLICY", "PASSIVE");
        environment.put("GOMP_SPINCOUNT", "0");
        return builder;
    }

    private List<String> command(boolean first) {
        Path folder = folder();
        SlotMemory memory = SlotMemory.ofThisMachine(settings.worker().devices().size());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + memory.heapBytes(),
                "-XX:MaxDirectMemorySize=" + memory.directBytes(),
                "-XX:ErrorFile=" + folder.resolve("hs_err_%p.log"),
                "-XX:+HeapDumpOnOutOfMemoryError",
                "-XX:HeapDumpPath=" + folder,
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:NativeMemoryTracking=summary",
                "-Xlog:gc*:file=" + folder.resolve("gc.log") + "::filecount=2,filesize=5M",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-Dai.djl.pytorch.num_interop_threads=1",
                "-Dlogback.configurationFile=perdura/activities/worker/slot-logback.xml"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        passOn(TestSwitches.COUNT, command);
        if (first) {
            passOn(TestSwitches.HALT_SLOT, command);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        return command;
    }

    private static void passOn(String property, List<String> command) {
        String value = System.getProperty(property);
        if (value != null) {
            command.add("-D" + property + "=" + value);
        }
    }

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
            return new SlotMemory(
                    Math.max(SMALLEST_HEAP, share), Math.max(share, Math.min(FULL_SIZE, machineBytes / 2)));
        }
    }
}
