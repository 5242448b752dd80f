package perdura.experiments.figure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.Advice;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.store.Artifacts;
import perdura.store.Checkpoints;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredCheckpoint;
import perdura.training.figure.WholeFile;
import perdura.training.method.Figure;
import perdura.training.method.Method;
import perdura.training.method.Methods;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

/** The pictures of one pre-training, from its newest checkpoint. */
public final class RunFigures {
    /** What hinders one figure and leaves the others alone: too little data, a sentence too long, a damaged older checkpoint. */
    private static final Set<ErrorCode> OF_ONE_FIGURE =
            EnumSet.of(ErrorCode.INVALID_DATA, ErrorCode.INVALID_SPEC, ErrorCode.CHECKPOINT_DAMAGED);

    private final RunId runId;
    private final PretrainSpec spec;
    private final Method method;
    private final Path data;
    private final List<StoredCheckpoint> checkpoints;

    private RunFigures(RunId runId, PretrainSpec spec, Method method, Path data, List<StoredCheckpoint> checkpoints) {
        this.runId = runId;
        this.spec = spec;
        this.method = method;
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
                            + "; figures are drawn of pre-trainings: " + Advice.RUNS_LIST.in() + " shows them");
        }
        Methods methods = Methods.load();
        PretrainSpec spec = methods.specs().readStored(run.identity().spec());
        Method method = methods.of(spec);
        List<StoredCheckpoint> checkpoints = new Checkpoints(database)
                .listCheckpoints(runId).stream()
                        .filter(checkpoint -> checkpoint.state() == CheckpointState.PRESENT
                                && checkpoint.position().step() > 0)
                        .toList();
        if (checkpoints.isEmpty()) {
            throw new PerduraException(ErrorCode.NOT_FOUND, "run " + runId + " has no checkpoint; " + needs(method));
        }
        Path data = new DataSets(database)
                .loadDataSet(Objects.requireNonNull(run.binding().dataDigest()))
                .folder();
        return new RunFigures(runId, spec, method, data, checkpoints);
    }

    /** Which figures need what, for people: each need once, with the numbers of its figures. */
    private static String needs(Method method) {
        Map<String, List<String>> numbers = new LinkedHashMap<>();
        for (Figure figure : method.figures()) {
            numbers.computeIfAbsent(figure.need(), need -> new ArrayList<>())
                    .add(String.valueOf(method.figures().indexOf(figure) + 1));
        }
        return numbers.entrySet().stream()
                .map(need -> (need.getValue().size() == 1 ? "figure " : "figures ")
                        + String.join(" and ", need.getValue())
                        + (need.getValue().size() == 1 ? " needs " : " need ")
                        + need.getKey())
                .collect(Collectors.joining("; "));
    }

    /** Those that the run's method has, in order. */
    public List<Figure> all() {
        return method.figures();
    }

    /** Why a figure can't be drawn of what the run has; empty if it can. */
    public Optional<String> findLack(Figure figure) {
        StoredCheckpoint newest = checkpoints.get(0);
        int stage = stage(newest);
        if (figure.canShow(spec, stage)) {
            return Optional.empty();
        }
        return Optional.of("figure " + number(figure) + " needs " + figure.need() + "; the newest of run " + runId
                + ", step " + newest.position().step() + ", is of " + method.describe(spec, stage));
    }

    private int number(Figure figure) {
        return all().indexOf(figure) + 1;
    }

    /** The stage that trained a checkpoint last. */
    private int stage(StoredCheckpoint checkpoint) {
        return checkpoint.stageEnd()
                ? spec.stageEndedAt(checkpoint.position())
                : checkpoint.position().stage();
    }

    /**
     * Draws figures that {@link #findLack} has nothing against.
     *
     * @param seed decides which samples are shown, and what is hidden
     * @param lacks told why one could not be drawn after all; the others are
     * @return the files that were written, by figure
     */
    public Map<Figure, List<Path>> draw(
            List<Figure> figures, Path folder, String device, int threads, long seed, Consumer<String> lacks) {
        Map<Figure, List<Path>> written = new LinkedHashMap<>();
        try (Torch torch = Torch.start(device, threads)) {
            Figure.Source source = new Figure.Source(
                    spec,
                    torch,
                    DataSet.open(data),
                    seed,
                    checkpoints.stream().map(this::trained).toList());
            for (Figure figure : figures) {
                try {
                    written.put(figure, figure.draw(source, folder));
                } catch (PerduraException e) {
                    if (!OF_ONE_FIGURE.contains(e.code())) {
                        throw e;
                    }
                    lacks.accept("figure " + number(figure) + ": " + e.getMessage());
                }
            }
        }
        return written;
    }

    private Figure.Trained trained(StoredCheckpoint checkpoint) {
        return new Figure.Trained(
                stage(checkpoint),
                checkpoint.stageEnd(),
                new CheckpointWeights(checkpoint.folder(), checkpoint.files().manifestDigest()));
    }

    /** Lets MLflow have pictures, with their run. */
    public static final class LoggedFigures {
        private static final String FOLDER = "figures";

        private LoggedFigures() {}

        /**
         * Keeps copies among the artifacts of the run, and queues them for MLflow.
         *
         * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if they can't be copied
         */
        public static void log(Database database, Path artifactRoot, RunId runId, List<Path> files) {
            Path folder = artifactRoot.toAbsolutePath().resolve(runId.value()).resolve(FOLDER);
            for (Path file : files) {
                Path kept = folder.resolve(String.valueOf(file.getFileName()));
                WholeFile.write(
                        kept,
                        "make the artifacts' folder writable, or draw without --log",
                        out -> Files.copy(file, out));
                new Artifacts(database).addArtifact(runId, FOLDER + "/" + kept.getFileName(), kept.toUri());
            }
        }
    }
}
