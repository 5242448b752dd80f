package perdura.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;

/**
 * What a {@link RoundProcess} says of a round; {@code rounds.py} is the other end for our scripts.
 *
 * @param processorSeconds what its threads took together, which says more than {@code seconds} on a busy machine
 * @param value what was computed, or a figure of it
 * @param peakKilobytes what the process has held at most until now
 */
record Round(double seconds, double processorSeconds, double value, long peakKilobytes) {
    /** A round of work. */
    interface Work {
        /** @param round counted from 0 */
        double run(long round) throws IOException;
    }

    /** Has a process do a round. */
    static Round of(RoundProcess side) throws IOException {
        String[] parts = side.round().split(" ", 4);
        return new Round(
                Double.parseDouble(parts[0]),
                Double.parseDouble(parts[1]),
                Double.parseDouble(parts[2]),
                Long.parseLong(parts[3]));
    }

    /** In such a process: does a round for each line of the input, and answers it. */
    static void answerEach(Work work) throws IOException {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        BufferedReader turns = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (long round = 0; turns.readLine() != null; round++) {
            long begun = System.nanoTime();
            long worked = system.getProcessCpuTime();
            double value = work.run(round);
            double seconds = (System.nanoTime() - begun) / 1e9;
            double processorSeconds = (system.getProcessCpuTime() - worked) / 1e9;
            long peak = MemoryBenchmark.Probe.kilobytes("VmHWM").orElseThrow();
            System.out.println(seconds + " " + processorSeconds + " " + value + " " + peak);
        }
    }
}
