package perdura.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import perdura.training.torch.Torch;

/** Two processes that do the same work in turns, so that one waits while the other one works. */
final class EagerTurns {
    static final int WARM_UP = 2;

    /** What keeps a process of ours small beside its model. */
    static final List<String> JVM = List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private EagerTurns() {}

    /** In such a process: starts the engine, and says what the process holds before it has a model. */
    static void begin(int threads) throws IOException {
        Torch.start("cpu", threads).close();
        System.out.printf("Perdura, libtorch %s, %d threads%n", Torch.engineVersion(), threads);
        System.out.println(MemoryBenchmark.Probe.kilobytes("VmRSS").orElseThrow());
    }

    /**
     * Prints what both take and how they compare.
     *
     * @param ours its first answer is what it holds before it has a model, in kilobytes; so is that of the other one
     * @param batch how many of {@code items} a round is
     * @param items images, or studies
     * @param rounds that count, after those of a warm-up
     */
    static void compare(RoundProcess ours, RoundProcess theirs, int batch, String items, int rounds)
            throws IOException {
        long ourIdle = Long.parseLong(ours.line());
        long theirIdle = Long.parseLong(theirs.line());
        List<RoundPair> pairs = new ArrayList<>();
        for (int round = -WARM_UP; round < rounds; round++) {
            RoundPair pair = RoundPair.run(ours, theirs, round);
            System.err.printf("round %d, %s first: %s%n", round, round % 2 == 0 ? "ours" : "theirs", pair);
            if (round >= 0) {
                pairs.add(pair);
            }
        }
        List<Round> our = pairs.stream().map(RoundPair::ours).toList();
        List<Round> their = pairs.stream().map(RoundPair::theirs).toList();
        report(ours.name(), our, batch, items, ourIdle);
        report(theirs.name(), their, batch, items, theirIdle);
        System.out.printf("%-41s %8.3f%n", items + " per second, first over second", ratio(pairs, Round::seconds));
        System.out.printf("the same, by processor time               %8.3f%n", ratio(pairs, Round::processorSeconds));
        double ourPeak = our.get(rounds - 1).peakKilobytes();
        double theirPeak = their.get(rounds - 1).peakKilobytes();
        System.out.printf("peak memory, first over second            %8.3f%n", ourPeak / theirPeak);
        System.out.printf(
                "the same, above the process without model %8.3f%n", (ourPeak - ourIdle) / (theirPeak - theirIdle));
    }

    private static void report(String name, List<Round> rounds, int batch, String items, long idleKilobytes) {
        double seconds = Median.of(rounds.stream().map(Round::seconds).toList());
        Round last = rounds.get(rounds.size() - 1);
        System.out.printf(
                "  %-40s %6.2f s a round, %5.2f %s/s, loss %.2f, peak %,d MB (%,d without model)%n",
                name, seconds, batch / seconds, items, last.value(), last.peakKilobytes() >> 10, idleKilobytes >> 10);
    }

    /** How many times faster the first are, median over the rounds. */
    private static double ratio(List<RoundPair> pairs, ToDoubleFunction<Round> seconds) {
        return Median.of(pairs.stream().map(pair -> pair.ratio(seconds)).toList());
    }
}
