package perdura.benchmarks;

import java.io.IOException;
import java.util.function.ToDoubleFunction;

/** The same round of two processes, of which one waits while the other one works. */
record RoundPair(Round ours, Round theirs) {
    /** Has both do a round; ours comes first where the number is even. */
    static RoundPair run(RoundProcess ours, RoundProcess theirs, int number) throws IOException {
        boolean isOursFirst = number % 2 == 0;
        Round first = Round.of(isOursFirst ? ours : theirs);
        Round second = Round.of(isOursFirst ? theirs : ours);
        return isOursFirst ? new RoundPair(first, second) : new RoundPair(second, first);
    }

    /** Theirs over ours. */
    double ratio(ToDoubleFunction<Round> figure) {
        return figure.applyAsDouble(theirs) / figure.applyAsDouble(ours);
    }
}
