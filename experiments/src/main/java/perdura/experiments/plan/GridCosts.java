package perdura.experiments.plan;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import perdura.experiments.paper.PaperResults;
import perdura.grids.read.PretrainParameters;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.read.ReadyGrids;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.TrialSpec;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.Runs;
import perdura.store.StoredDataSet;
import perdura.store.Trials;
import perdura.training.method.Methods;
import perdura.training.method.Paper;
import perdura.training.tasks.Task.PretrainingRequirement;
import perdura.training.tasks.Tasks;
import perdura.training.torch.EngineFamily;

/** What ready grids come to, as they are: trials and pre-trainings always, steps and device time as far as the store has measured like ones. */
public final class GridCosts {
    private final Tasks tasks = Tasks.load();
    private final @Nullable Database database;
    private final Map<String, String> digests = new TreeMap<>();

    /** @param database null if there is none to ask */
    public GridCosts(@Nullable Database database) {
        this.database = database;
        if (database != null) {
            for (StoredDataSet data : new DataSets(database).listDataSets()) {
                data.names().forEach(name -> digests.put(name, data.digest()));
            }
        }
    }

    /**
     * What grids come to.
     *
     * @param points without seeds
     * @param pretrainings each once
     * @param steps of all trials and pre-trainings; empty if for one of them nothing like it was ever measured
     * @param deviceTime of all of them; empty as the steps
     */
    public record GridCost(
            long points, long trials, long pretrainings, OptionalLong steps, Optional<Duration> deviceTime) {}

    /** Of one grid. */
    public GridCost of(String grid) {
        return sum(List.of(grid), new LinkedHashMap<>());
    }

    /**
     * Of all that fills a paper, with the pre-training whose encoder its tables begin with: a pre-training that several grids need counts once.
     *
     * @param profile of that pre-training
     */
    public GridCost of(Paper paper, String method, String profile, boolean small) {
        Map<String, PretrainSpec> wanted = new LinkedHashMap<>();
        add(new PretrainParameters.Choice(method, profile, List.of(), 1, false), paper.dataset(), wanted);
        return sum(PaperResults.grids(paper, small), wanted);
    }

    /** @param wanted pre-trainings by their identity */
    private GridCost sum(List<String> grids, Map<String, PretrainSpec> wanted) {
        Sum sum = new Sum();
        for (String grid : grids) {
            add(ReadyGrids.read(grid, tasks.schemas()), sum, wanted);
        }
        addPretrainings(wanted.values(), sum);
        return new GridCost(
                sum.points,
                sum.trials,
                wanted.size(),
                sum.isKnown ? OptionalLong.of(sum.steps) : OptionalLong.empty(),
                sum.isKnown ? Optional.of(Duration.ofMillis((long) (1e3 * sum.seconds))) : Optional.empty());
    }

    /** The task of a grid. */
    public String task(String grid) {
        return ReadyGrids.read(grid, tasks.schemas()).task().name();
    }

    private static final class Sum {
        private long points;
        private long trials;
        private long steps;
        private double seconds;
        private boolean isKnown = true;

        void add(Optional<CostHistory.Cost> cost) {
            isKnown &= cost.isPresent();
            cost.ifPresent(one -> {
                steps += one.steps();
                seconds += one.seconds();
            });
        }
    }

    private void add(SweepExpansion expansion, Sum sum, Map<String, PretrainSpec> wanted) {
        sum.points += expansion.countPoints();
        CostHistory history = database == null
                ? null
                : new CostHistory(new Trials(database), expansion.task().name(), isLike(expansion));
        for (Iterator<TrialSpec> trials = expansion.trials(); trials.hasNext(); ) {
            TrialSpec trial = trials.next();
            sum.trials++;
            sum.add(history == null ? Optional.empty() : history.estimate(unresolved(trial, expansion)));
            Optional<PretrainingRequirement> wish = tasks.task(trial.task()).pretraining(trial);
            wish.ifPresent(
                    one -> add(one.choice(), String.valueOf(trial.parameters().value(one.dataset())), wanted));
        }
    }

    private static ResolvedTrial unresolved(TrialSpec trial, SweepExpansion expansion) {
        return new ResolvedTrial(
                trial,
                new TreeMap<>(),
                null,
                expansion.spec().trials().resources(),
                expansion.spec().trials().retry());
    }

    /** A finished trial counts if it has all that the grid holds at one value, but for names and what repeats a trial. */
    private static Predicate<TrialSpec> isLike(SweepExpansion expansion) {
        Map<String, @Nullable Object> fixed = fixed(expansion);
        return trial -> fixed.entrySet().stream()
                .allMatch(entry -> String.valueOf(entry.getValue())
                        .equals(String.valueOf(trial.parameters().value(entry.getKey()))));
    }

    private static Map<String, @Nullable Object> fixed(SweepExpansion expansion) {
        TreeMap<String, @Nullable Object> fixed = new TreeMap<>();
        Set<String> varying = new HashSet<>(named(expansion.task()));
        for (Iterator<Parameters> points = expansion.points(); points.hasNext(); ) {
            points.next().values().forEach((path, value) -> {
                if (fixed.containsKey(path) && !String.valueOf(fixed.get(path)).equals(String.valueOf(value))) {
                    varying.add(path);
                }
                fixed.put(path, value);
            });
        }
        fixed.keySet().removeAll(varying);
        return fixed;
    }

    private static List<String> named(TaskSchema task) {
        return task.parameters().stream()
                .filter(parameter -> parameter.isReplicate() || parameter.type() instanceof ParameterType.Reference)
                .map(ParameterSchema::path)
                .toList();
    }

    /** A data set that the store does not have gets a digest of its name, so that equal names are equal data. */
    private void add(PretrainParameters.Choice choice, String dataset, Map<String, PretrainSpec> into) {
        String digest = digests.getOrDefault(dataset, CanonicalJson.sha256(dataset));
        PretrainStart start = new PretrainStart(
                "pretraining", "perdura", choice.method(), choice.profile(), digest, new ResourceSpec("cpu", 1));
        PretrainSpecs specs = Methods.load().specs();
        PretrainSpec spec = specs.ofProfile(start, choice.settings());
        into.putIfAbsent(specs.identity(spec, digest, EngineFamily.name()), spec);
    }

    private void addPretrainings(Collection<PretrainSpec> wanted, Sum sum) {
        FinishedPretrainings finished = database == null ? null : new FinishedPretrainings(new Runs(database));
        wanted.forEach(spec -> sum.add(finished == null ? Optional.empty() : finished.estimate(spec)));
    }
}
