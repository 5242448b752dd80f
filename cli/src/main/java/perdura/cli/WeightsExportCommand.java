package perdura.cli;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Verb;
import perdura.grids.read.ResolvedTrialJson;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.store.Checkpoints;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.method.Methods;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.fit.FitJob;
import perdura.training.weights.DetectorExport;
import perdura.training.weights.ExportSource;
import perdura.training.weights.SafetensorsExport;
import perdura.training.weights.TorchvisionExport;
import perdura.training.weights.TransformersExport;
import perdura.training.weights.UNetExport;
import perdura.training.weights.WeightSet;
import perdura.training.weights.WeightStore;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Takes weights out, for Python. */
@Command(
        name = "export",
        description = {
            "Write the weights of a run or imported weights for Python's own classes.",
            "Prints the Python lines that load them."
        })
final class WeightsExportCommand extends Subcommand {
    @ArgGroup(exclusive = true, multiplicity = "1")
    private Source source = new Source();

    @Option(names = "--step", paramLabel = "N", description = "step of the run's checkpoint; default: the newest")
    private @Nullable Long step;

    @Option(
            names = "--format",
            required = true,
            description = {
                "torchvision: a .pth of the image encoder;",
                "transformers: a folder of the text encoder;",
                "unet, fasterrcnn: a .pth of a whole model of segmentation or detection;",
                "safetensors: all tensors under our names"
            })
    private @Nullable Format format;

    @Option(
            names = "--channels",
            paramLabel = "N",
            description = "channels of the image for torchvision: 1 or 3; default: ${DEFAULT-VALUE}")
    private int channels = 3;

    @Option(
            names = "--out",
            paramLabel = "PATH",
            required = true,
            description = "a file or folder that is not there yet")
    private @Nullable Path out;

    /** Where the weights come from. */
    static final class Source {
        @Option(names = "--run", paramLabel = "RUN", description = "a run")
        private @Nullable String run;

        @Option(names = "--weights", paramLabel = "NAME", description = "name or digest of imported weights")
        private @Nullable String weights;
    }

    /** Who reads the export. */
    enum Format {
        TORCHVISION,
        TRANSFORMERS,
        UNET,
        FASTERRCNN,
        SAFETENSORS
    }

    @Override
    public Integer call() {
        if (channels != 1 && channels != 3) {
            throw wrong("--channels must be 1 or 3, was " + channels);
        }
        if (step != null && source.run == null) {
            throw wrong("--step goes with --run");
        }
        Path target = Objects.requireNonNull(out);
        Exported exported = source.run == null
                ? new Exported(imported(Objects.requireNonNull(source.weights)), null)
                : ofRun(source.run);
        ExportSource from = exported.from;
        DurableEffects effects = DurableEffects.counting();
        List<String> python = switch (Objects.requireNonNull(format)) {
            case TORCHVISION -> TorchvisionExport.write(from, target, channels, effects);
            case TRANSFORMERS -> TransformersExport.write(from, target, effects);
            case UNET -> UNetExport.write(from, target, effects);
            case FASTERRCNN -> DetectorExport.write(from, exported.detector(), target, effects);
            case SAFETENSORS -> SafetensorsExport.write(from, target, effects);
        };
        terminal.message("Written to " + target + ". In Python:");
        python.forEach(terminal::result);
        return 0;
    }

    /**
     * What is exported.
     *
     * @param trial whose it is; null for a pre-training and for imported weights
     */
    private record Exported(ExportSource from, @Nullable ResolvedTrial trial) {
        DetectorExport.Settings detector() {
            if (trial == null || !trial.spec().task().equals("detection")) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC, "--format fasterrcnn is for runs of the task detection");
            }
            TaskInput input = new TaskInput(trial.spec(), new TreeMap<>(), new TreeMap<>());
            return new DetectorExport.Settings(
                    input.count("imageSize"),
                    Objects.requireNonNull(input.countsOrNull("model.anchors")),
                    input.count("model.canonical"),
                    input.count("proposals.test"),
                    input.count("proposals.kept.test"));
        }
    }

    private ExportSource imported(String nameOrDigest) {
        WeightStore store = connection.weights();
        WeightSet set = store.load(nameOrDigest);
        store.verify(set);
        return ExportSource.of(set);
    }

    private Exported ofRun(String name) {
        try (Connections connections = connection.open(Connections.Access.READ)) {
            RunId run = new RunId(connections
                    .things()
                    .require(Verb.EXPORT, name, EnumSet.of(Kind.PRETRAINING, Kind.TRIAL))
                    .id());
            Run stored = connections.runs().loadRun(run);
            StoredCheckpoint checkpoint = choose(run, new Checkpoints(connections.database()).listCheckpoints(run));
            terminal.message("Run " + run + ", step " + checkpoint.position().step());
            if (stored.identity().kind() == RunKind.TRIAL) {
                return ofTrial(ResolvedTrialJson.read(stored.identity().spec()), checkpoint);
            }
            PretrainSpec trained =
                    Methods.load().specs().readStored(stored.identity().spec());
            Path weights = CheckpointReader.verifiedWeights(
                    checkpoint.folder(), checkpoint.files().manifestDigest());
            Path data = connections
                    .dataSets()
                    .loadDataSet(Objects.requireNonNull(stored.binding().dataDigest()))
                    .folder();
            BertSpec bert = Methods.load().of(trained).bert(trained);
            return new Exported(
                    ExportSource.ofCheckpoint(
                            weights, bert == null ? null : bert.heads(), DataSet.vocabularyFile(data)),
                    null);
        }
    }

    private Exported ofTrial(ResolvedTrial trial, StoredCheckpoint checkpoint) {
        String digest = checkpoint.files().manifestDigest();
        int epoch = FitJob.bestEpoch(CheckpointReader.verifiedSection(checkpoint.folder(), digest, FitJob.SELECTION));
        if (epoch < 0) {
            throw new PerduraException(
                    ErrorCode.NOT_FOUND,
                    checkpoint.folder() + ": no epoch has ended yet, so there are no best weights");
        }
        terminal.message("The weights of the best epoch, " + epoch);
        return new Exported(
                ExportSource.ofTrial(
                        CheckpointReader.verifiedSection(checkpoint.folder(), digest, FitJob.BEST_SECTION)),
                trial);
    }

    private StoredCheckpoint choose(RunId run, List<StoredCheckpoint> all) {
        List<StoredCheckpoint> present = all.stream()
                .filter(one -> one.state() == CheckpointState.PRESENT)
                .toList();
        return present.stream()
                .filter(one -> step == null || one.position().step() == step)
                .findFirst()
                .orElseThrow(() -> new PerduraException(
                        ErrorCode.NOT_FOUND,
                        "run " + run + " has no checkpoint" + (step == null ? "" : " at step " + step)
                                + (present.isEmpty()
                                        ? ""
                                        : "; it has those of steps "
                                                + present.stream()
                                                        .map(one ->
                                                                one.position().step())
                                                        .toList())));
    }
}
