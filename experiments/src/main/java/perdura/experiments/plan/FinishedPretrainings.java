package perdura.experiments.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.MethodSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.store.Runs;
import perdura.training.method.Methods;
import perdura.training.torch.EngineFamily;

/** The pre-trainings of the store that are finished, newest first: what need not run again, and what one like them costs. */
final class FinishedPretrainings {
    private static final int NEWEST = 5;

    private final List<Finished> all = new ArrayList<>();
    private final Map<String, List<Finished>> byKey = new HashMap<>();

    /** @param dataset digest of its data */
    record Finished(RunId runId, PretrainSpec spec, String dataset, double secondsPerEpoch, double stepsPerEpoch) {}

    FinishedPretrainings(Runs runs) {
        PretrainSpecs specs = Methods.load().specs();
        for (Runs.Finished run : runs.listFinished(RunKind.PRETRAIN)) {
            PretrainSpec spec = specs.readStored(run.spec());
            Finished one = new Finished(
                    run.runId(),
                    spec,
                    run.dataDigest(),
                    run.deviceSeconds() / epochs(spec),
                    (double) run.steps() / epochs(spec));
            all.add(one);
            byKey.computeIfAbsent(specs.identity(spec, one.dataset(), EngineFamily.name()), key -> new ArrayList<>())
                    .add(one);
        }
    }

    /** Those of one identity. */
    List<Finished> ofKey(String key) {
        return byKey.getOrDefault(key, List.of());
    }

    /** Epochs times what one took, the median of the newest of its profile and data; empty if there is none. */
    Optional<CostHistory.Cost> estimate(PretrainSpec spec) {
        List<Finished> like = all.stream()
                .filter(one -> one.spec().profile().equals(spec.profile())
                        && one.spec().method().name().equals(spec.method().name())
                        && one.dataset().equals(spec.data().dataset()))
                .limit(NEWEST)
                .sorted(Comparator.comparingDouble(Finished::secondsPerEpoch))
                .toList();
        if (like.isEmpty()) {
            return Optional.empty();
        }
        Finished median = like.get(like.size() / 2);
        return Optional.of(new CostHistory.Cost(
                epochs(spec) * median.secondsPerEpoch(), Math.round(epochs(spec) * median.stepsPerEpoch())));
    }

    private static int epochs(PretrainSpec spec) {
        return spec.method().stages().stream()
                .mapToInt(MethodSpec.Stage::epochs)
                .sum();
    }
}
