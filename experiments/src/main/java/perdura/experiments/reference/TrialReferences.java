package perdura.experiments.reference;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.Normalization;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MethodSpec;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.InitialWeightsSpec;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.WeightLocator;
import perdura.store.Checkpoints;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredCheckpoint;
import perdura.training.method.Method;
import perdura.training.method.Methods;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.PretrainedEncoder;
import perdura.training.tasks.PretrainedModel;
import perdura.training.tasks.TaskInput;
import perdura.training.weights.InitialWeights;
import perdura.training.weights.ResnetSizes;
import perdura.training.weights.WeightStore;

/** Finds what the references of trials stand for: data sets and weights in the artifact store, and checkpoints of runs. */
public final class TrialReferences {
    private final Runs runs;
    private final Checkpoints checkpoints;
    private final Path artifactRoot;

    public TrialReferences(Runs runs, Checkpoints checkpoints, Path artifactRoot) {
        this.runs = runs;
        this.checkpoints = checkpoints;
        this.artifactRoot = artifactRoot;
    }

    /** The digest of the data set that a trial learns; null if its task has none. */
    public static @Nullable String dataDigest(ResolvedTrial trial, TaskSchema schema) {
        for (String path : paths(schema, ParameterType.Reference.Kind.DATASET)) {
            String digest = trial.references().get(path);
            if (digest != null) {
                return digest;
            }
        }
        return null;
    }

    /**
     * What is known of a trial before it begins. An encoder may be one of a pre-training that has not run yet.
     *
     * @throws PerduraException INVALID_DATA if a data set is not in the artifact store; NOT_FOUND if weights or a run are not
     *     there; INVALID_SPEC if they have no image encoder, or the run no such stage
     */
    public TaskInput input(ResolvedTrial trial, TaskSchema schema) {
        return input(trial, schema, runId -> Optional.empty());
    }

    /**
     * As {@link #input(ResolvedTrial, TaskSchema)}, where runs may be meant that are not in the store yet.
     *
     * @param planned the spec of such a run
     */
    public TaskInput input(ResolvedTrial trial, TaskSchema schema, Function<RunId, Optional<PretrainSpec>> planned) {
        TreeMap<String, DataSet> dataSets = new TreeMap<>();
        TreeMap<String, PretrainedEncoder> encoders = new TreeMap<>();
        trial.references().forEach((path, reference) -> {
            if (paths(schema, ParameterType.Reference.Kind.DATASET).contains(path)) {
                dataSets.put(path, DataSet.open(DataSet.folder(artifactRoot, reference)));
            } else {
                encoders.put(path, encoder(WeightLocator.parse(reference), planned));
            }
        });
        return new TaskInput(trial.spec(), dataSets, encoders);
    }

    private static List<String> paths(TaskSchema schema, ParameterType.Reference.Kind kind) {
        return schema.parameters().stream()
                .filter(parameter -> parameter.type().equals(new ParameterType.Reference(kind)))
                .map(ParameterSchema::path)
                .toList();
    }

    private PretrainedEncoder encoder(WeightLocator locator, Function<RunId, Optional<PretrainSpec>> planned) {
        if (locator instanceof WeightLocator.Imported imported) {
            return imported(imported);
        }
        RunId runId = locator instanceof WeightLocator.StageOfRun stage
                ? stage.runId()
                : ((WeightLocator.BestOfRun) locator).runId();
        Optional<PretrainSpec> wish = planned.apply(runId);
        if (wish.isPresent()) {
            return ofRun(locator, runId, wish.get(), wish.get().data().dataset());
        }
        Run run = runs.loadRun(runId);
        PretrainSpec spec = pretraining(run);
        return ofRun(
                locator,
                runId,
                spec,
                run.binding().dataDigest() == null
                        ? spec.data().dataset()
                        : run.binding().dataDigest());
    }

    private PretrainedEncoder ofRun(
            WeightLocator locator, RunId runId, PretrainSpec spec, @Nullable String dataDigest) {
        Method method = Methods.load().of(spec);
        List<Integer> stages = spec.stageNumbers();
        int stage;
        String name;
        if (locator instanceof WeightLocator.StageOfRun chosen) {
            requireStage(chosen, stages);
            stage = chosen.stage();
            name = name(chosen);
        } else {
            requireBest(runId, spec, method);
            stage = stages.get(stages.size() - 1);
            name = "best checkpoint of run " + runId;
        }
        Path data = dataDigest != null && DataSet.exists(artifactRoot, dataDigest)
                ? DataSet.folder(artifactRoot, dataDigest)
                : null;
        return new PretrainedEncoder(
                name, method.imageEncoder(spec), method.normalization(), new PretrainedModel(spec, stage, data));
    }

    private static void requireBest(RunId runId, PretrainSpec spec, Method method) {
        String lack;
        if (method.selectionMetric().isEmpty()) {
            lack = "method " + spec.method().name() + " has no selection metric";
        } else if (spec.data().split() == DataSpec.Split.ALL) {
            lack = "data.split: all trains on the validate split, so no epoch is validated";
        } else if (spec.execution().validation().pairs() == 0) {
            lack = "validation.pairs is 0, so no epoch is validated";
        } else {
            return;
        }
        throw new PerduraException(
                ErrorCode.INVALID_SPEC,
                "run " + runId + " has no best checkpoint: " + lack + "; take that of a stage's end, one of "
                        + spec.stageNumbers());
    }

    private PretrainedEncoder imported(WeightLocator.Imported imported) {
        ResnetSizes sizes =
                new WeightStore(artifactRoot).load(imported.digest()).manifest().image();
        if (sizes == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    imported + " has no image encoder; take weights that have one, for instance of kind resnet");
        }
        return new PretrainedEncoder(
                imported.toString(),
                new ImageEncoder(sizes.blocks(), sizes.width(), sizes.channels()),
                sizes.channels() == 1 ? Normalization.GREY : Normalization.RGB,
                null);
    }

    private static String name(WeightLocator.StageOfRun stage) {
        return "stage " + stage.stage() + " of run " + stage.runId();
    }

    private static PretrainSpec pretraining(Run run) {
        if (run.identity().kind() != RunKind.PRETRAIN) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "run " + run.runId() + " is a " + run.identity().kind().word()
                            + "; an encoder comes from a pre-training");
        }
        return Methods.load().specs().readStored(run.identity().spec());
    }

    private static void requireStage(WeightLocator.StageOfRun stage, List<Integer> stages) {
        if (!stages.contains(stage.stage())) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "run " + stage.runId() + " has no stage " + stage.stage() + "; its stages are " + stages);
        }
    }

    /**
     * The weights of a trial's encoders, by path.
     *
     * @throws PerduraException NOT_FOUND if they are not there, or not yet
     */
    public SortedMap<String, EncoderWeights> weights(ResolvedTrial trial) {
        TreeMap<String, EncoderWeights> weights = new TreeMap<>();
        trial.references().forEach((path, reference) -> {
            if (reference.contains(":")) { // a digest has none
                weights.put(path, weights(WeightLocator.parse(reference)));
            }
        });
        return weights;
    }

    private EncoderWeights weights(WeightLocator locator) {
        if (locator instanceof WeightLocator.Imported imported) {
            return new EncoderWeights.Imported(InitialWeights.find(
                    new WeightStore(artifactRoot), new InitialWeightsSpec(imported.digest(), null)));
        }
        if (locator instanceof WeightLocator.BestOfRun best) {
            return checkpoints
                    .findBest(best.runId())
                    .map(TrialReferences::weights)
                    .orElseThrow(() -> noWholeBest(best.runId()));
        }
        WeightLocator.StageOfRun stage = (WeightLocator.StageOfRun) locator;
        Run run = runs.loadRun(stage.runId());
        PretrainSpec spec = pretraining(run);
        requireStage(stage, spec.stageNumbers());
        long step = lastStep(stage, run, spec);
        return checkpoints.listStageEnds(run.runId()).stream()
                .filter(end -> end.position().step() == step)
                .findFirst()
                .map(TrialReferences::weights)
                .orElseThrow(() -> new PerduraException(
                        ErrorCode.NOT_FOUND,
                        "there is no whole checkpoint at the end of " + name(stage) + ", step " + step
                                + "; let the run come so far, then try the trial again"));
    }

    private PerduraException noWholeBest(RunId runId) {
        List<Long> damaged = checkpoints.listCheckpoints(runId).stream()
                .filter(checkpoint -> checkpoint.state() == CheckpointState.DAMAGED)
                .map(checkpoint -> checkpoint.position().step())
                .toList();
        return new PerduraException(
                ErrorCode.NOT_FOUND,
                "run " + runId + " has no best checkpoint that is whole: "
                        + (damaged.isEmpty()
                                ? "no epoch of it was validated"
                                : "no epoch was validated, or the checkpoint is among the damaged ones, of steps "
                                        + damaged)
                        + "; take the checkpoint of a stage's end");
    }

    private static EncoderWeights weights(StoredCheckpoint checkpoint) {
        return new EncoderWeights.OfCheckpoint(
                checkpoint.folder(), checkpoint.files().manifestDigest());
    }

    /** Steps of the run when the stage is done: every epoch has as many. */
    private static long lastStep(WeightLocator.StageOfRun stage, Run run, PretrainSpec spec) {
        Long total = run.progress().totalSteps();
        if (total == null) {
            throw new PerduraException(
                    ErrorCode.NOT_FOUND, "run " + run.runId() + " has not begun, so " + name(stage) + " is not there");
        }
        long epochs = 0;
        long untilStage = 0;
        for (MethodSpec.Stage each : spec.method().stages()) {
            epochs += each.epochs();
            if (each.stage() == stage.stage()) {
                untilStage = epochs;
            }
        }
        return total / epochs * untilStage;
    }
}
