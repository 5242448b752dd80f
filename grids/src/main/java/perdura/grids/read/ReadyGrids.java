package perdura.grids.read;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.TaskSchema;

/** The sweeps that come with Perdura: those of both papers, a search around each, one for a pre-training, and ablations of pre-trainings. */
public final class ReadyGrids {
    private static final List<String> NAMES = List.of(
            "prior-pretrain-search",
            "prior-retrieval",
            "prior-retrieval-small",
            "prior-table-1",
            "prior-table-1-search",
            "prior-table-1-small",
            "prior-table-2-detection",
            "prior-table-2-detection-literal",
            "prior-table-2-detection-small",
            "prior-table-2-segmentation",
            "prior-table-2-segmentation-small",
            "prior-table-3",
            "prior-table-3-segmentation",
            "prior-table-3-segmentation-small",
            "prior-table-3-small",
            "prior-zero-shot",
            "prior-zero-shot-small",
            "sense-clusters",
            "sense-clusters-small",
            "sense-linear-probe",
            "sense-linear-probe-search",
            "sense-linear-probe-small",
            "sense-losses",
            "sense-losses-small",
            "sense-pooling",
            "sense-pooling-small",
            "sense-queue-length",
            "sense-queue-length-small",
            "sense-retrieval",
            "sense-segmentation",
            "sense-segmentation-small",
            "sense-uni-projectors",
            "sense-uni-projectors-small",
            "sense-zero-shot");

    private ReadyGrids() {}

    public static List<String> names() {
        return NAMES;
    }

    /**
     * The YAML text of one.
     *
     * @throws PerduraException INVALID_SPEC if there is no such grid
     */
    public static String text(String name) {
        if (!NAMES.contains(name)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC, "there is no ready grid '" + name + "'" + Nearest.suggestion(name, NAMES));
        }
        try (InputStream in = ReadyGrids.class.getResourceAsStream("/perdura/grids/ready/" + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("the grid " + name + " is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the grid " + name + " can't be read", e);
        }
    }

    /** As {@link SweepReader#read}, of one of these. */
    public static SweepExpansion read(
            String name, List<String> settings, Collection<TaskSchema> tasks, ReferenceNames names, long mostTrials) {
        return SweepReader.read(name + ".yaml", text(name), settings, tasks, names, mostTrials);
    }

    /** One of these as it is, without a look at what it names. */
    public static SweepExpansion read(String name, Collection<TaskSchema> tasks) {
        return read(name, List.of(), tasks, ReferenceNames.unchecked(), SweepReader.MOST_TRIALS);
    }
}
