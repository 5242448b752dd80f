package perdura.experiments.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.experiments.reference.SweepReferences;
import perdura.grids.read.ResolvedTrialJson;
import perdura.grids.spec.NumberText;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.ParameterType.Reference.Kind;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepSpec.SweepAxis;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.TrialIdentity;
import perdura.grids.spec.TrialKey;
import perdura.grids.spec.TrialSpec;
import perdura.store.Sweeps.NewTrial;
import perdura.training.torch.EngineFamily;

/** Gives the trials of one sweep their identity and their label, and looks up what they name. */
public final class TrialMaker {
    /** Weights, activations and optimiser state of every task. */
    private static final String PRECISION = "fp32";

    /** Of a task that learns from no data. */
    private static final String NO_DATA = "none";

    private final SweepSpec spec;
    private final TaskSchema task;
    private final SweepReferences references;
    private final SweepPretrainings pretrainings;
    private final List<ParameterSchema> named;
    private final Labels labels;
    private final String engine = EngineFamily.name();

    public TrialMaker(SweepExpansion expansion, SweepReferences references, SweepPretrainings pretrainings) {
        this.spec = expansion.spec();
        this.task = expansion.task();
        this.references = references;
        this.pretrainings = pretrainings;
        this.named = task.parameters().stream()
                .filter(parameter -> parameter.type() instanceof ParameterType.Reference)
                .toList();
        this.labels = new Labels(spec);
    }

    /** What tells the points and trials of a sweep from each other. */
    public static final class Labels {
        private final Set<String> varying = new LinkedHashSet<>();
        private final boolean hasSeeds;

        public Labels(SweepSpec spec) {
            spec.points().axes().stream().map(SweepAxis::path).forEach(varying::add);
            spec.points()
                    .include()
                    .forEach(extra -> varying.addAll(extra.values().keySet()));
            hasSeeds = spec.points().seeds().size() > 1;
        }

        /** Paths of the parameters that differ. */
        public Set<String> varying() {
            return Collections.unmodifiableSet(varying);
        }

        /** {@code fraction=0.1 learningRate=0.001 seed=1}. */
        String of(TrialSpec trial) {
            StringJoiner label = new StringJoiner(" ");
            for (String path : varying) {
                label.add(path.substring(path.lastIndexOf('.') + 1) + "="
                        + NumberText.ofValue(trial.parameters().value(path)));
            }
            if (hasSeeds || varying.isEmpty()) {
                label.add("seed=" + trial.seed());
            }
            return label.toString();
        }
    }

    /** The identity of a trial. */
    public TrialKey key(TrialSpec trial) {
        Optional<SweepPretrainings.NeededRun> needed = needed(trial);
        return TrialIdentity.of(
                        needed.map(run -> others(trial, run)).orElse(trial),
                        task,
                        identity(trial, Kind.DATASET, NO_DATA, needed),
                        parent(trial, needed),
                        PRECISION,
                        engine)
                .key();
    }

    /** The pre-training that must be finished before the trial begins. */
    Optional<SweepPretrainings.NeededRun> needed(TrialSpec trial) {
        return pretrainings.find(trial, spec);
    }

    /** What describes the pre-training is in the pre-training's own key. */
    private static TrialSpec others(TrialSpec trial, SweepPretrainings.NeededRun needed) {
        return new TrialSpec(trial.task(), trial.taskVersion(), needed.wish().others(), trial.seed());
    }

    /** With all that its run needs to begin. */
    public ResolvedTrial resolve(TrialSpec trial) {
        Optional<SweepPretrainings.NeededRun> needed = needed(trial);
        TreeMap<String, String> locators = new TreeMap<>();
        for (ParameterSchema parameter : named(needed)) {
            if (trial.parameters().value(parameter.path()) instanceof String name) {
                locators.put(
                        parameter.path(),
                        references.target(kind(parameter), name).locator());
            }
        }
        needed.ifPresent(run -> locators.put(run.wish().encoder(), run.locator()));
        return new ResolvedTrial(
                trial,
                locators,
                parent(trial, needed),
                spec.trials().resources(),
                spec.trials().retry());
    }

    /** As the store takes it. */
    public NewTrial newTrial(TrialSpec trial) {
        return new NewTrial(
                key(trial),
                trial.task(),
                trial.seed(),
                ResolvedTrialJson.write(resolve(trial)),
                label(trial),
                needed(trial).map(SweepPretrainings.NeededRun::runId).orElse(null));
    }

    /** What tells it from the others of the sweep: {@code fraction=0.1 learningRate=0.001 seed=1}. */
    String label(TrialSpec trial) {
        return labels.of(trial);
    }

    private @Nullable String parent(TrialSpec trial, Optional<SweepPretrainings.NeededRun> needed) {
        if (needed.isPresent()) {
            return needed.get().identity();
        }
        String parent = identity(trial, Kind.WEIGHTS, "", needed);
        return parent.isEmpty() ? null : parent;
    }

    /** That of what the trial names; where it names other things of a kind than just the first, each with its path. */
    private String identity(TrialSpec trial, Kind kind, String none, Optional<SweepPretrainings.NeededRun> needed) {
        List<ParameterSchema> own = named(needed).stream()
                .filter(parameter -> kind(parameter) == kind)
                .toList();
        boolean isOnly =
                own.stream().skip(1).allMatch(parameter -> trial.parameters().value(parameter.path()) == null);
        List<String> identities = new ArrayList<>();
        for (ParameterSchema parameter : own) {
            if (trial.parameters().value(parameter.path()) instanceof String name) {
                String identity = references.target(kind, name).identity();
                identities.add(isOnly ? identity : parameter.path() + "=" + identity);
            }
        }
        return identities.isEmpty() ? none : String.join(",", identities);
    }

    /** What the trial itself sees: the data set of a pre-training is that one's alone. */
    private List<ParameterSchema> named(Optional<SweepPretrainings.NeededRun> needed) {
        if (needed.isEmpty()) {
            return named;
        }
        String dataset = needed.get().wish().dataset();
        return named.stream()
                .filter(parameter -> !parameter.path().equals(dataset))
                .toList();
    }

    private static Kind kind(ParameterSchema parameter) {
        return ((ParameterType.Reference) parameter.type()).kind();
    }
}
