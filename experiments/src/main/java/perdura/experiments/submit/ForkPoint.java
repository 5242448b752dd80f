package perdura.experiments.submit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.experiments.compare.ParameterTexts;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.Sha256;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.training.method.Methods;

/**
 * Where a pre-training goes on from another one.
 *
 * @param checkpoint of the other run, at the end of the stage before {@code stage}
 * @param stage the first stage that the new run trains
 */
public record ForkPoint(StoredCheckpoint checkpoint, int stage) {
    /**
     * Finds the checkpoint with which a stage can begin. Everything before the stage must be as it was, so that the steps of both
     * runs count alike; the stage itself and later ones, and what decides no sizes, may be other.
     *
     * @param stageEnds of {@code origin}
     * @param spec of the new run, its data set pinned
     * @param fromStage the first stage to be trained; null: the one after the last that {@code origin} has ended
     * @throws PerduraException INVALID_SPEC, with everything that does not fit
     */
    public static ForkPoint find(
            Run origin, List<StoredCheckpoint> stageEnds, PretrainSpec spec, @Nullable Integer fromStage) {
        if (origin.identity().kind() != RunKind.PRETRAIN) {
            throw invalid(origin.runId() + " is a " + origin.identity().kind().word()
                    + ", and only a pre-training has stages to go on from");
        }
        PretrainSpec trained =
                Methods.load().specs().readStored(origin.identity().spec());
        SortedSet<Integer> ended = stageEnds.stream()
                .map(end -> trained.stageEndedAt(end.position()))
                .collect(Collectors.toCollection(TreeSet::new));
        int index = index(origin, spec, ended, fromStage);
        int stage = spec.method().stages().get(index).stage();
        int before = spec.method().stages().get(index - 1).stage();
        StoredCheckpoint checkpoint = stageEnds.stream()
                .filter(end -> trained.stageEndedAt(end.position()) == before)
                .findFirst()
                .orElseThrow(() -> invalid("stage " + stage + " begins where stage " + before + " ended, and "
                        + origin.runId() + " has a checkpoint at the end of "
                        + (ended.isEmpty() ? "no stage" : "stages " + ended + " only")));
        List<String> differences = differences(origin, trained, spec, index);
        if (!differences.isEmpty()) {
            throw invalid("stage " + stage + " can't begin with the weights of " + origin.runId()
                    + ": what comes before it must be as it was\n  " + String.join("\n  ", differences));
        }
        return new ForkPoint(checkpoint, stage);
    }

    private static int index(Run origin, PretrainSpec spec, SortedSet<Integer> ended, @Nullable Integer fromStage) {
        List<Integer> plan = spec.stageNumbers();
        if (fromStage == null) {
            return plan.stream()
                    .filter(stage -> !ended.isEmpty() && stage > ended.last())
                    .findFirst()
                    .map(plan::indexOf)
                    .filter(index -> index > 0)
                    .orElseThrow(() -> invalid(origin.runId() + " has ended stages " + ended + " of the plan " + plan
                            + "; say with which one the new run begins: --from-stage"));
        }
        int index = plan.indexOf(fromStage);
        if (index < 0) {
            throw invalid("--from-stage " + fromStage + ": the plan has the stages " + plan);
        }
        if (index == 0) {
            throw invalid("--from-stage " + fromStage
                    + " is the first of the plan and begins with nothing of another run; start it without --from");
        }
        return index;
    }

    private static List<String> differences(Run origin, PretrainSpec trained, PretrainSpec spec, int index) {
        Set<String> deciding = shapes(trained).equals(shapes(spec)) ? Set.of() : sizingKeys(trained, spec);
        Predicate<String> mustBeEqual = path -> path.equals("method")
                || path.equals("batchSize")
                || path.equals("data.split")
                || deciding.contains(path.split("\\.", 2)[0])
                || (path.startsWith("stages.") && Integer.parseInt(path.split("\\.", 3)[1]) < index);
        Map<String, String> theirs = PretrainPlan.parameters(origin.identity().spec());
        Map<String, String> ours =
                PretrainPlan.parameters(Methods.load().specs().write(spec));
        List<String> differences = new ArrayList<>();
        SortedSet<String> paths = new TreeSet<>(theirs.keySet());
        paths.addAll(ours.keySet());
        paths.stream()
                .filter(mustBeEqual)
                .filter(path -> !String.valueOf(theirs.get(path)).equals(String.valueOf(ours.get(path))))
                .forEach(path -> differences.add(
                        path + " is " + ours.get(path) + ", of " + origin.runId() + " " + theirs.get(path)));
        String dataset = spec.data().dataset();
        if (dataset != null && !dataset.equals(origin.binding().dataDigest())) {
            differences.add("data.dataset is " + dataset + ", of " + origin.runId() + " "
                    + origin.binding().dataDigest());
        }
        return differences;
    }

    /** Keys at the top of the document, but for the plan, without whose new values the model has other sizes. */
    private static Set<String> sizingKeys(PretrainSpec trained, PretrainSpec spec) {
        Set<String> keys = new TreeSet<>();
        Methods.load().of(spec).schema().codec().eachField("", (key, field) -> keys.add(key));
        keys.remove("stages");
        JsonNode theirs = ParameterTexts.json(Methods.load().specs().write(trained));
        ObjectNode ours =
                (ObjectNode) ParameterTexts.json(Methods.load().specs().write(spec));
        Map<String, List<Long>> shapes = shapes(spec);
        keys.removeIf(key -> {
            JsonNode old = theirs.path(key);
            return hasShapes(shapes, ours.deepCopy().set(key, old.isMissingNode() ? NullNode.getInstance() : old));
        });
        return keys;
    }

    private static boolean hasShapes(Map<String, List<Long>> shapes, JsonNode mixed) {
        try {
            return shapes(Methods.load().specs().readStored(mixed.toString())).equals(shapes);
        } catch (PerduraException doesNotFitTheOthers) {
            return false;
        }
    }

    private static Map<String, List<Long>> shapes(PretrainSpec spec) {
        return Methods.load().of(spec).layout(spec, 1).shapes();
    }

    /** The new run, marked: its result depends on the state that it begins with, and people want to know whose that was. */
    public NewRun mark(NewRun run) {
        Map<String, String> tags = new LinkedHashMap<>(run.tags());
        tags.put("perdura.forked_from", checkpoint.runId().value());
        tags.put("perdura.from_stage", String.valueOf(stage));
        tags.computeIfPresent(
                "mlflow.note.content",
                (tag, note) -> note + " Stage " + stage + " began with the weights of `" + checkpoint.runId() + "`.");
        String identity = run.identity().specHash() + " from " + stage + " with " + checkpoint.stateDigest();
        return new NewRun(
                run.runId(),
                new Run.Identity(
                        run.identity().experiment(),
                        run.identity().name(),
                        run.identity().kind(),
                        run.identity().spec(),
                        Sha256.of(identity.getBytes(StandardCharsets.UTF_8)),
                        run.identity().seed()),
                run.params(),
                tags,
                run.parent());
    }

    private static PerduraException invalid(String message) {
        return new PerduraException(ErrorCode.INVALID_SPEC, message);
    }
}
