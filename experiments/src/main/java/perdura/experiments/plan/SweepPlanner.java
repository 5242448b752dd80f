package perdura.experiments.plan;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import perdura.experiments.reference.SweepReferences;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.Sha256;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.TrialKey;
import perdura.grids.spec.TrialSpec;
import perdura.grids.spec.TrialState;
import perdura.store.StoredSweep;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import perdura.store.Sweeps.NewTrial;
import perdura.store.Trials;

/** Says what a submission would come to, without keeping its trials in memory, and gives them to the store. */
public final class SweepPlanner {
    private static final int BATCH = 1_000;
    /** Trials whose cost is looked up one by one; of more, so many spread evenly stand for all. */
    private static final long SAMPLED = 500;

    private final Sweeps sweeps;
    private final Trials trials;
    private final SweepResults results;
    private final SweepReferences references;
    private final SweepPretrainings pretrainings;

    public SweepPlanner(
            Sweeps sweeps,
            Trials trials,
            SweepResults results,
            SweepReferences references,
            SweepPretrainings pretrainings) {
        this.sweeps = sweeps;
        this.trials = trials;
        this.results = results;
        this.references = references;
        this.pretrainings = pretrainings;
    }

    /** The plan of a sweep. */
    public SweepPlan plan(SweepExpansion expansion, boolean retryFailed) {
        return new Count(expansion, retryFailed).plan();
    }

    /** The sweep's trials, made one at a time. */
    public Iterator<NewTrial> trials(SweepExpansion expansion) {
        TrialMaker maker = new TrialMaker(expansion, references, pretrainings);
        Iterable<TrialSpec> specs = expansion::trials;
        return StreamSupport.stream(specs.spliterator(), false)
                .map(maker::newTrial)
                .iterator();
    }

    /** One pass over the trials. */
    private final class Count {
        private final SweepExpansion expansion;
        private final boolean retryFailed;
        private final TrialMaker maker;
        private final MessageDigest fingerprint = Sha256.start();
        private final Optional<StoredSweep> earlier;
        private final Set<TrialKey> removed;
        private final long earlierTotal;
        private final List<Sampled> sample = new ArrayList<>();
        private long stride = 1;
        private long total;
        private long fresh;
        private long finished;
        private long begun;
        private long running;
        private long failed;
        private long seenToRun;

        Count(SweepExpansion expansion, boolean retryFailed) {
            this.expansion = expansion;
            this.retryFailed = retryFailed;
            this.maker = new TrialMaker(expansion, references, pretrainings);
            this.earlier = sweeps.find(expansion.spec().name())
                    .filter(sweep ->
                            sweep.identity().name().equals(expansion.spec().name()));
            this.removed = new HashSet<>(
                    earlier.map(sweep -> trials.listKeys(sweep.sweepId())).orElse(List.of()));
            this.earlierTotal = removed.size();
        }

        SweepPlan plan() {
            fingerprint.update(SweepJson.write(expansion.spec()).getBytes(StandardCharsets.UTF_8));
            for (Iterator<TrialSpec> all = expansion.trials(); all.hasNext(); ) {
                List<TrialSpec> specs = new ArrayList<>(BATCH);
                List<TrialKey> keys = new ArrayList<>(BATCH);
                while (all.hasNext() && specs.size() < BATCH) {
                    TrialSpec spec = all.next();
                    specs.add(spec);
                    keys.add(maker.key(spec));
                }
                count(specs, keys);
            }
            String hash = HexFormat.of().formatHex(fingerprint.digest());
            Optional<StoredSweep> same = sweeps.findSame(expansion.spec().name(), hash);
            Set<TrialKey> held = held(same);
            begun -= held.size();
            seenToRun -= held.size();
            sample.removeIf(one -> held.contains(one.key()));
            long unchanged = earlierTotal - removed.size();
            return new SweepPlan(
                    total / expansion.spec().points().seeds().size(),
                    total,
                    fresh,
                    finished,
                    begun,
                    held.size(),
                    running,
                    failed,
                    hash,
                    same.map(sweep -> new SweepPlan.Same(
                            sweep.sweepId(),
                            sweep.status(),
                            trials.listKeys(sweep.sweepId()).size() - total)),
                    earlier.map(sweep ->
                            new SweepPlan.Change(sweep.sweepId(), total - unchanged, removed.size(), unchanged)),
                    cost(),
                    pretrainings.count());
        }

        /** Trials of the file that have begun, and with which nothing goes on as long as the sweep is the same. */
        private Set<TrialKey> held(Optional<StoredSweep> same) {
            Set<TrialKey> held = same.filter(sweep -> sweep.status().isTerminal())
                    .map(sweep -> results.listKeys(sweep.sweepId(), TrialState.HELD))
                    .orElse(Set.of());
            Set<TrialKey> ofFile = new HashSet<>();
            for (Iterator<TrialSpec> all = expansion.trials(); !held.isEmpty() && all.hasNext(); ) {
                TrialKey key = maker.key(all.next());
                if (held.contains(key)) {
                    ofFile.add(key);
                }
            }
            return ofFile;
        }

        /** One of the trials by which the cost of all is told. */
        private record Sampled(TrialKey key, TrialSpec spec) {}

        private void count(List<TrialSpec> specs, List<TrialKey> keys) {
            Map<TrialKey, Trials.Known> known = trials.find(keys);
            for (int i = 0; i < keys.size(); i++) {
                TrialKey key = keys.get(i);
                fingerprint.update(key.digest().getBytes(StandardCharsets.US_ASCII));
                removed.remove(key);
                total++;
                if (count(known.get(key))) {
                    toSample(new Sampled(key, specs.get(i)));
                }
            }
        }

        /** Returns whether the trial is to be run. */
        private boolean count(Trials.@Nullable Known trial) {
            RunStatus status = trial == null ? null : trial.runStatus();
            if (status == RunStatus.FINISHED) {
                finished++;
                return false;
            }
            if (status == RunStatus.FAILED) {
                failed++;
                return retryFailed;
            }
            if (trial != null && trial.owner() != null) {
                running++;
                return false;
            }
            if (status == null) {
                fresh++;
            } else {
                begun++;
            }
            return true;
        }

        /** Every {@code stride}-th; when there are too many, every other one goes. */
        private void toSample(Sampled one) {
            if (seenToRun++ % stride == 0) {
                sample.add(one);
            }
            if (sample.size() > SAMPLED) {
                List<Sampled> half = new ArrayList<>();
                for (int i = 0; i < sample.size(); i += 2) {
                    half.add(sample.get(i));
                }
                sample.clear();
                sample.addAll(half);
                stride *= 2;
            }
        }

        private Optional<SweepPlan.Cost> cost() {
            CostHistory history = new CostHistory(trials, expansion.task().name(), any -> true);
            double seconds = 0;
            for (Sampled trial : sample) {
                Optional<CostHistory.Cost> one = history.estimate(maker.resolve(trial.spec()));
                if (one.isEmpty()) {
                    return Optional.empty();
                }
                seconds += one.get().seconds();
            }
            double scale = sample.isEmpty() ? 0 : (double) seenToRun / sample.size();
            return Optional.of(new SweepPlan.Cost(
                    Duration.ofMillis((long) (1e3 * seconds * scale)),
                    Math.max(1, expansion.spec().trials().concurrency()),
                    history.size()));
        }
    }
}
