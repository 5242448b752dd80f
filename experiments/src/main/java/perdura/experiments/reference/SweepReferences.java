package perdura.experiments.reference;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ParameterType.Reference.Kind;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.WeightLocator;
import perdura.store.Checkpoints;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.Forks;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredDataSet;
import perdura.training.method.Methods;
import perdura.training.torch.EngineFamily;
import perdura.training.weights.WeightStore;

/**
 * What a sweep may name: ingested data sets, imported weights, the stages that pre-trainings have ended, and the best checkpoints of
 * those that have finished.
 */
public final class SweepReferences implements ReferenceNames {
    private static final Pattern RUN = Pattern.compile("([a-z][a-z0-9-]{0,99})(?:@([1-9][0-9]{0,5}|best))?");
    private static final int MOST_RUNS = 1_000;

    private final PretrainSpecs specs = Methods.load().specs();
    private final DataSets dataSets;
    private final WeightStore weights;
    private final Runs runs;
    private final Checkpoints checkpoints;
    private final Forks forks;
    private final Map<String, Optional<Target>> known = new HashMap<>();

    public SweepReferences(Database database, WeightStore weights) {
        this.dataSets = new DataSets(database);
        this.weights = weights;
        this.runs = new Runs(database);
        this.checkpoints = new Checkpoints(database);
        this.forks = new Forks(database);
    }

    /**
     * What a name stands for.
     *
     * @param locator where a worker finds it, as {@link perdura.grids.spec.ResolvedTrial} has it
     * @param identity what decides a trial's key
     */
    public record Target(String locator, String identity) {}

    /**
     * What a name stands for.
     *
     * @throws PerduraException NOT_FOUND if there is nothing of that name
     */
    public Target target(Kind kind, String name) {
        return find(kind, name).orElseThrow(() -> new PerduraException(ErrorCode.NOT_FOUND, kind.missing(name)));
    }

    @Override
    public Optional<String> findDigest(Kind kind, String nameOrDigest) {
        return find(kind, nameOrDigest).map(Target::identity);
    }

    @Override
    public Collection<String> known(Kind kind) {
        if (kind == Kind.DATASET) {
            return dataSets.listDataSets().stream()
                    .flatMap(data -> data.names().stream())
                    .toList();
        }
        List<String> names = new ArrayList<>(weights.known());
        runs.listRuns(null, null, MOST_RUNS).stream()
                .filter(run -> run.identity().kind() == RunKind.PRETRAIN)
                .forEach(run -> names.add(run.runId().value()));
        return names;
    }

    private Optional<Target> find(Kind kind, String name) {
        return known.computeIfAbsent(kind + " " + name, key -> switch (kind) {
            case DATASET -> findDataSet(name);
            case WEIGHTS -> findImported(name).or(() -> findStage(name));
            case IMPORTED_WEIGHTS -> findImported(name);
        });
    }

    private Optional<Target> findImported(String name) {
        return weights.findDigest(name)
                .map(digest -> new WeightLocator.Imported(digest).toString())
                .map(locator -> new Target(locator, locator));
    }

    private Optional<Target> findDataSet(String name) {
        try {
            StoredDataSet data = dataSets.loadDataSet(name);
            return Optional.of(new Target(data.digest(), data.digest()));
        } catch (PerduraException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** {@code RUN} stands for its last finished stage, {@code RUN@STAGE} for that one, {@code RUN@best} for the best checkpoint of a finished one. */
    private Optional<Target> findStage(String name) {
        Matcher matcher = RUN.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        @Nullable String wanted = matcher.group(2);
        return runs.findRun(new RunId(matcher.group(1)))
                .filter(run -> run.identity().kind() == RunKind.PRETRAIN)
                .flatMap(run -> WeightLocator.BEST.equals(wanted)
                        ? findBest(run)
                        : findStage(run, wanted == null ? null : Integer.valueOf(wanted)));
    }

    private Optional<Target> findStage(Run run, @Nullable Integer wanted) {
        PretrainSpec spec = specs.readStored(run.identity().spec());
        return checkpoints.listStageEnds(run.runId()).stream()
                .map(end -> spec.stageEndedAt(end.position()))
                .filter(stage -> wanted == null || stage.equals(wanted))
                .findFirst()
                .map(stage -> new Target(
                        new WeightLocator.StageOfRun(run.runId(), stage).toString(),
                        "pretrain:" + identity(run, spec) + "@" + stage));
    }

    /** Of a finished run alone: until then another checkpoint may become the best. */
    private Optional<Target> findBest(Run run) {
        if (run.status() != RunStatus.FINISHED) {
            return Optional.empty();
        }
        PretrainSpec spec = specs.readStored(run.identity().spec());
        return checkpoints
                .findBest(run.runId())
                .map(best -> new Target(
                        new WeightLocator.BestOfRun(run.runId()).toString(),
                        "pretrain:" + identity(run, spec) + "@" + best(spec)));
    }

    /** Which checkpoint is the best is a function of the pre-training and of what it is validated on. */
    public static String best(PretrainSpec spec) {
        return WeightLocator.BEST + "-of-" + spec.execution().validation().pairs();
    }

    /** Of a run that began with the weights of another, the hash of its spec tells with which. */
    private String identity(Run run, PretrainSpec spec) {
        String data = Objects.requireNonNull(run.binding().dataDigest());
        return forks.find(run.runId()).isPresent()
                ? "fork:" + run.identity().specHash() + ":" + data + ":" + EngineFamily.name()
                : specs.identity(spec, data, EngineFamily.name());
    }
}
