package perdura.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Two processes that do the same work in turns, so that one waits while the other one works. */
final class EagerTurns {
    static final int WARM_UP = 2;

    private EagerTurns() {}

    /**
     * What a process says of a round.
     *
     * @param processorSeconds what its threads took together, which says more than {@code seconds} on a busy machine
     * @param loss or another figure of what was computed
     * @param peakKilobytes what the process has held at most until now
     */
    private record Step(double seconds, double processorSeconds, double loss, long peakKilobytes) {
        static Step of(RoundProcess side) throws IOException {
            String[] parts = side.round().split(" ", 4);
            return new Step(
                    Double.parseDouble(parts[0]),
                    Double.parseDouble(parts[1]),
                    Double.parseDouble(parts[2]),
                    Long.parseLong(parts[3]));
        }
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
        List<Step> our = new ArrayList<>();
        List<Step> their = new ArrayList<>();
        for (int round = -WARM_UP; round < rounds; round++) {
            boolean isOursFirst = round % 2 == 0;
            Step first = Step.of(isOursFirst ? ours : theirs);
            Step second = Step.of(isOursFirst ? theirs : ours);
            System.err.printf("round %d, %s first: %s, %s%n", round, isOursFirst ? "ours" : "theirs", first, second);
            if (round >= 0) {
                our.add(isOursFirst ? first : second);
                their.add(isOursFirst ? second : first);
            }
        }
        report(ours.name(), our, batch, items, ourIdle);
        report(theirs.name(), their, batch, items, theirIdle);
        System.out.printf("%-41s %8.3f%n", items + " per second, first over second", ratio(our, their, Step::seconds));
        System.out.printf(
                "the same, by processor time               %8.3f%n", ratio(our, their, Step::processorSeconds));
        double ourPeak = our.get(rounds - 1).peakKilobytes();
        double theirPeak = their.get(rounds - 1).peakKilobytes();
        System.out.printf("peak memory, first over second            %8.3f%n", ourPeak / theirPeak);
        System.out.printf(
                "the same, above the process without model %8.3f%n", (ourPeak - ourIdle) / (theirPeak - theirIdle));
    }

    private static void report(String name, List<Step> steps, int batch, String items, long idleKilobytes) {
        double seconds = Median.of(steps.stream().map(Step::seconds).toList());
        Step last = steps.get(steps.size() - 1);
        System.out.printf(
                "  %-40s %6.2f s a round, %5.2f %s/s, loss %.2f, peak %,d MB (%,d without model)%n",
                name, seconds, batch / seconds, items, last.loss(), last.peakKilobytes() >> 10, idleKilobytes >> 10);
    }

    /** How many times faster the first are, median over the rounds. */
    private static double ratio(List<Step> first, List<Step> second, ToDoubleFunction<Step> seconds) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            ratios.add(seconds.applyAsDouble(second.get(i)) / seconds.applyAsDouble(first.get(i)));
        }
        return Median.of(ratios);
    }
}
