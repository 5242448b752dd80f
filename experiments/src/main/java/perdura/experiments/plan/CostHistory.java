package perdura.experiments.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import perdura.grids.read.ResolvedTrialJson;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.TrialSpec;
import perdura.store.Trials;

/** How long finished trials of a task took: the median of those most like a trial estimates it. */
final class CostHistory {
    private static final int NEWEST = 200;
    private static final int LIKE = 5;

    private final List<Measured> past = new ArrayList<>();

    private record Measured(ResolvedTrial trial, Cost cost) {}

    /** What a trial took. */
    record Cost(double seconds, long steps) {}

    /** @param isLike which of the finished trials count */
    CostHistory(Trials trials, String task, Predicate<TrialSpec> isLike) {
        for (Trials.Past one : trials.listPast(task, NEWEST)) {
            ResolvedTrial trial = ResolvedTrialJson.read(one.spec());
            if (isLike.test(trial.spec())) {
                past.add(new Measured(trial, new Cost(one.deviceSeconds(), one.steps())));
            }
        }
    }

    int size() {
        return past.size();
    }

    /** Of like ones, that with the median of device seconds; empty if nothing was measured. */
    Optional<Cost> estimate(ResolvedTrial trial) {
        if (past.isEmpty()) {
            return Optional.empty();
        }
        List<Measured> like = past.stream()
                .sorted((a, b) -> Long.compare(likeness(b.trial(), trial), likeness(a.trial(), trial)))
                .limit(LIKE)
                .toList();
        long greatest = likeness(like.get(0).trial(), trial);
        List<Cost> costs = like.stream()
                .filter(one -> likeness(one.trial(), trial) == greatest)
                .map(Measured::cost)
                .sorted(Comparator.comparingDouble(Cost::seconds))
                .toList();
        return Optional.of(costs.get(costs.size() / 2));
    }

    /** Equal parameters; equal data count for all of them. */
    private static long likeness(ResolvedTrial a, ResolvedTrial b) {
        Map<String, ?> other = b.spec().parameters().values();
        long equal = a.spec().parameters().values().entrySet().stream()
                .filter(entry -> other.containsKey(entry.getKey())
                        && Objects.equals(entry.getValue(), other.get(entry.getKey())))
                .count();
        return equal + (a.references().equals(b.references()) ? other.size() : 0);
    }
}
