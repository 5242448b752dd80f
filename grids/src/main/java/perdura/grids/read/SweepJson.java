package perdura.grids.read;

import java.util.Collection;
import java.util.List;
import perdura.grids.codec.Problems;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.codec.SpecNode;
import perdura.grids.codec.YamlText;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.TaskSchema;

/** A sweep as canonical JSON, which the store keeps: the same keys as in YAML, ranges and defaults written out. */
public final class SweepJson {
    private static final String SOURCE = "stored sweep";

    private SweepJson() {}

    /** The whole sweep. {@link #read} gives an equal one. As canonical JSON sorts the axes, it says their order. */
    public static String write(SweepSpec spec) {
        return CanonicalJson.write(SweepCodec.of(null, new SweepPoints(null)).write(spec));
    }

    /**
     * Reads what {@link #write} wrote; names of data sets and weights are not looked up, and no number of trials is too great.
     *
     * @throws perdura.grids.spec.PerduraException INVALID_SPEC, with all problems
     */
    public static SweepExpansion read(String json, Collection<TaskSchema> tasks) {
        Problems problems = new Problems();
        Overrides none = new Overrides(List.of(), problems);
        return SweepReader.read(
                YamlText.ofStored(SOURCE, json), none, tasks, ReferenceNames.unchecked(), Long.MAX_VALUE, problems);
    }

    /** The task of a sweep that {@link #write} wrote. */
    public static String task(String json) {
        SpecNode task = YamlText.ofStored(SOURCE, json).find("task").orElseThrow();
        return ((SpecNode.Scalar) task).text();
    }
}
