package perdura.grids.read;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.TaskSchema;

/**
 * Reads sweeps that people write. Everything that is wrong is told at once, each fault on a line of its own:
 * {@code file:line:column: path: what is wrong and what would be right}.
 */
public final class SweepReader {
    /** More trials than this need to be allowed. */
    public static final long MOST_TRIALS = 1_000_000;

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
        return read(file.toString(), SpecReader.text(file), settings, tasks, names, mostTrials);
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
        Overrides overrides = new Overrides(settings, problems);
        SpecNode.Mapping complete = overrides.overLists(Defaults.underSweep(overrides.overKeys(document)));
        SweepFields fields = new SweepFields(complete, tasks, names, problems);
        SweepExpansion expansion = fields.read(mostTrials);
        problems.throwIfAny();
        return expansion;
    }
}
