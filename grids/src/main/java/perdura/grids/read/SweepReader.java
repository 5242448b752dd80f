package perdura.grids.read;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.codec.Place;
import perdura.grids.codec.Problems;
import perdura.grids.codec.Reading;
import perdura.grids.codec.RecordCodec;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.codec.SpecNode;
import perdura.grids.codec.YamlText;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.TaskSchema;

/**
 * Reads sweeps that people write. Everything that is wrong is told at once, each fault on a line of its own:
 * {@code file:line:column: path: what is wrong and what would be right}.
 */
public final class SweepReader {
    /** More trials than this need to be allowed. */
    public static final long MOST_TRIALS = 1_000_000;

    static final String KIND = "Sweep";

    private SweepReader() {}

    /**
     * Reads a sweep, checks it against the task that it names, and makes sure that it has points. Where points may be left out
     * by {@code exclude} or constraints, all are looked at, some microseconds each.
     *
     * @param file YAML
     * @param settings each {@code path=value} of a flag {@code --set}; they win over the file
     * @param tasks those that there are
     * @param names what the sweep may name
     * @param mostTrials how many it may make at most, {@link #MOST_TRIALS} unless more are allowed
     * @throws perdura.grids.spec.PerduraException INVALID_SPEC, with all problems
     */
    public static SweepExpansion read(
            Path file, List<String> settings, Collection<TaskSchema> tasks, ReferenceNames names, long mostTrials) {
        return read(file.toString(), YamlText.textOf(file), settings, tasks, names, mostTrials);
    }

    /** As {@link #read(Path, List, Collection, ReferenceNames, long)}, of a text; {@code source} names it in messages. */
    static SweepExpansion read(
            String source,
            String text,
            List<String> settings,
            Collection<TaskSchema> tasks,
            ReferenceNames names,
            long mostTrials) {
        Problems problems = new Problems();
        SpecNode.Mapping document = YamlText.parseDocument(Place.start(Place.Origin.FILE, source), text, problems);
        problems.throwIfAny();
        return read(document, new Overrides(settings, problems), tasks, names, mostTrials, problems);
    }

    static SweepExpansion read(
            SpecNode.Mapping document,
            Overrides overrides,
            Collection<TaskSchema> tasks,
            ReferenceNames names,
            long mostTrials,
            Problems problems) {
        SpecNode.Mapping settled = overrides.overKeys(document);
        TaskSchema task = findTask(settled, tasks, problems);
        SweepPoints points = new SweepPoints(task);
        RecordCodec<SweepSpec> codec = SweepCodec.of(task, points);
        SpecNode.Mapping complete = overrides.overLists(
                (SpecNode.Mapping) codec.over(settled, YamlText.ofResource(SweepReader.class, "sweep.yaml")));
        SweepSpec spec = codec.read(complete, Reading.of(complete, problems, names));
        if (spec == null || task == null || !spec.task().equals(task.name())) {
            problems.throwIfAny();
            throw new IllegalStateException("a sweep without problems is whole");
        }
        SweepExpansion expansion = new SweepChecks(spec, task, points, problems).run(complete, mostTrials);
        problems.throwIfAny();
        return expansion;
    }

    /** Where the name is unknown, the nearest one helps to find further problems; null if there is none. */
    private static @Nullable TaskSchema findTask(
            SpecNode.Mapping document, Collection<TaskSchema> tasks, Problems problems) {
        if (!(document.find("task").orElse(document) instanceof SpecNode.Scalar scalar) || scalar.isNull()) {
            return null;
        }
        Map<String, TaskSchema> byName = new LinkedHashMap<>();
        tasks.forEach(task -> byName.put(task.name(), task));
        TaskSchema known = byName.get(scalar.text());
        if (known == null) {
            String suggestion = tasks.isEmpty() ? "" : Nearest.suggestion(scalar.text(), byName.keySet());
            problems.add(scalar, "task", "there is no task '" + scalar.text() + "'" + suggestion);
        }
        return known != null
                ? known
                : Nearest.find(scalar.text(), byName.keySet()).map(byName::get).orElse(null);
    }
}
