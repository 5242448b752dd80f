package perdura.cli.sweep;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import perdura.activities.gpu.TrialReferences;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.TrialSpec;
import perdura.training.task.Task;

/** Looks before anything starts whether data sets, encoders and parameters of a sweep fit together. */
public final class SweepCheck {
    /** Combinations that are looked at: those of a hand-written grid. */
    private static final int MOST = 1_000;

    private final TrialMaker maker;
    private final Task task;
    private final TrialReferences references;

    public SweepCheck(TrialMaker maker, Task task, TrialReferences references) {
        this.maker = maker;
        this.task = task;
        this.references = references;
    }

    /** @throws PerduraException INVALID_SPEC with all that does not fit, each on a line of its own */
    public void check(SweepExpansion expansion) {
        Set<List<Object>> seen = new HashSet<>();
        Set<String> faults = new LinkedHashSet<>();
        long seed = expansion.spec().seeds().get(0);
        for (Iterator<Parameters> points = expansion.points(); points.hasNext() && seen.size() < MOST; ) {
            TrialSpec trial = new TrialSpec(task.schema().name(), task.schema().version(), points.next(), seed);
            if (seen.add(decisive(trial.parameters(), task.schema()))) {
                try {
                    task.check(references.input(maker.resolve(trial), task.schema()));
                } catch (PerduraException e) {
                    faults.add(String.valueOf(e.getMessage()));
                }
            }
        }
        if (!faults.isEmpty()) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, String.join(System.lineSeparator(), faults));
        }
    }

    /** The values on which a fit may depend: a rate or a decay fits everything, a share of the data may be too small. */
    private static List<Object> decisive(Parameters parameters, TaskSchema schema) {
        List<Object> values = new ArrayList<>();
        for (ParameterSchema parameter : schema.parameters()) {
            if (!(parameter.type() instanceof ParameterType.Real real) || real.high() <= 1) {
                values.add(String.valueOf(parameters.value(parameter.path())));
            }
        }
        return values;
    }
}
