package perdura.experiments.figure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.grids.read.SpecJson;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.StageSpec.Module;
import perdura.store.Checkpoints;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.training.figure.Figure;
import perdura.training.figure.FigureFiles;
import perdura.training.figure.FigureSource;
import perdura.training.methods.prior.TrainedPrior;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

/** The pictures of one pre-training, from its newest checkpoint. */
public final class RunFigures {
    /** What hinders one figure and leaves the others alone: too little data, a sentence too long, a damaged older checkpoint. */
    private static final Set<ErrorCode> OF_ONE_FIGURE =
            EnumSet.of(ErrorCode.INVALID_DATA, ErrorCode.INVALID_SPEC, ErrorCode.CHECKPOINT_DAMAGED);

    private final RunId runId;
    private final PretrainSpec spec;
    private final Path data;
    private final List<StageCheckpoint> checkpoints;

    private RunFigures(RunId runId, PretrainSpec spec, Path data, List<StageCheckpoint> checkpoints) {
        this.runId = runId;
        this.spec = spec;
        this.data = data;
        this.checkpoints = checkpoints;
    }

    /**
     * Finds what a run has.
     *
     * @throws PerduraException NOT_FOUND if there is no such run, or it has no checkpoint yet; INVALID_SPEC if it is not a
     *     pre-training
     */
    public static RunFigures load(Database database, RunId runId) {
        Run run = new Runs(database).loadRun(runId);
        if (run.identity().kind() != RunKind.PRETRAIN) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "run " + runId + " is of kind " + run.identity().kind().word()
                            + "; figures are drawn of pre-trainings: 'perdura runs" + " list' shows them");
        }
        PretrainSpec spec = SpecJson.read(run.identity().spec());
        List<StageCheckpoint> checkpoints = StageCheckpoint.of(spec, new Checkpoints(database).listCheckpoints(runId));
        if (checkpoints.isEmpty()) {
            throw new PerduraException(
                    ErrorCode.NOT_FOUND,
                    "run " + runId
                            + " has no checkpoint; figures 1 and 2 need one of a stage with spb, figure 3 of one with"
                            + " lam, figures 4 and 5 of one with ccr");
        }
        Path data = new DataSets(database)
                .loadDataSet(Objects.requireNonNull(run.binding().dataDigest()))
                .folder();
        return new RunFigures(runId, spec, data, checkpoints);
    }

    /** Why a figure can't be drawn of what the run has; empty if it can. */
    public Optional<String> findLack(Figure figure) {
        StageCheckpoint newest = checkpoints.get(0);
        if (figure.canShow(newest.stage())) {
            return Optional.empty();
        }
        return Optional.of("figure " + figure.number() + " needs " + figure.need() + "; the newest of run " + runId
                + ", step " + newest.checkpoint().position().step() + ", is of stage "
                + newest.stage().stage() + " with "
                + newest.stage().modules().stream()
                        .map(module -> EnumWord.of(module))
                        .toList());
    }

    /**
     * Draws figures that {@link #findLack} has nothing against.
     *
     * @param seed decides which samples are shown, and what is hidden
     * @param lacks told why one could not be drawn after all; the others are
     * @return the files that were written
     */
    public List<Path> draw(
            List<Figure> figures, Path folder, String device, int threads, long seed, Consumer<String> lacks) {
        FigureFiles files = new FigureFiles(folder);
        List<Path> written = new ArrayList<>();
        try (Torch torch = Torch.start(device, threads)) {
            DataSet set = DataSet.open(data);
            try (TrainedPrior newest = open(torch, set, checkpoints.get(0))) {
                FigureSource source = source(torch, set, newest, checkpoints.get(0), seed);
                for (Figure figure : figures) {
                    try {
                        written.addAll(draw(figure, files, source));
                    } catch (PerduraException e) {
                        if (!OF_ONE_FIGURE.contains(e.code())) {
                            throw e;
                        }
                        lacks.accept("figure " + figure.number() + ": " + e.getMessage());
                    }
                }
            }
        }
        return written;
    }

    /** Sentences have the end of the last stage without the bank beside them, if that is still there. */
    private List<Path> draw(Figure figure, FigureFiles files, FigureSource source) {
        @Nullable
        StageCheckpoint without = checkpoints.stream()
                .filter(StageCheckpoint::endsStage)
                .filter(checkpoint -> !checkpoint.stage().has(Module.SPB))
                .findFirst()
                .orElse(null);
        if (without == null || figure != Figure.SENTENCES) {
            return files.draw(figure, source, null);
        }
        try (TrainedPrior model = open(source.torch(), source.data(), without)) {
            return files.draw(
                    Figure.SENTENCES, source, source(source.torch(), source.data(), model, without, source.seed()));
        }
    }

    private static FigureSource source(
            Torch torch, DataSet set, TrainedPrior model, StageCheckpoint checkpoint, long seed) {
        return new FigureSource(torch, model, checkpoint.stage(), set, seed);
    }

    private TrainedPrior open(Torch torch, DataSet set, StageCheckpoint checkpoint) {
        return TrainedPrior.open(
                torch,
                spec.model(),
                checkpoint.stage(),
                set.vocabulary().size(),
                new CheckpointWeights(
                        checkpoint.checkpoint().folder(),
                        checkpoint.checkpoint().files().manifestDigest()));
    }
}
