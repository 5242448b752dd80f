package perdura.cli.sweep;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import perdura.grids.read.SpecJson;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.StageSpec;
import perdura.store.Run;
import perdura.store.Runs;

/** How long an epoch of finished pre-trainings took: the median of the newest of one profile on one data set estimates another. */
final class PretrainHistory {
    private static final int NEWEST = 5;

    private final List<Measured> past = new ArrayList<>();

    private record Measured(String profile, String dataset, double secondsPerEpoch) {}

    PretrainHistory(Runs runs) {
        for (Runs.Finished run : runs.listFinished(Run.PRETRAIN)) {
            PretrainSpec spec = SpecJson.read(run.spec());
            past.add(new Measured(spec.profile(), run.dataDigest(), run.deviceSeconds() / epochs(spec)));
        }
    }

    /** Device time; empty if nothing was measured. */
    Optional<Duration> estimate(PretrainSpec spec) {
        double[] seconds = past.stream()
                .filter(one -> one.profile().equals(spec.profile())
                        && one.dataset().equals(spec.data().dataset()))
                .limit(NEWEST)
                .mapToDouble(Measured::secondsPerEpoch)
                .sorted()
                .toArray();
        return seconds.length == 0
                ? Optional.empty()
                : Optional.of(Duration.ofMillis((long) (1e3 * epochs(spec) * seconds[seconds.length / 2])));
    }

    private static int epochs(PretrainSpec spec) {
        return spec.stages().stream().mapToInt(StageSpec::epochs).sum();
    }
}
