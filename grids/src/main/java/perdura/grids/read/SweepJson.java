package perdura.grids.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.EarlyStoppingSpec;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.StrategySpec;
import perdura.grids.spec.SweepAxis;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.TaskSchema;

/** A sweep as canonical JSON, which the store keeps: the same keys as in YAML, ranges and defaults written out. */
public final class SweepJson {
    private SweepJson() {}

    /** The whole sweep. {@link #read} gives an equal one. As canonical JSON sorts the axes, it says their order. */
    public static String write(SweepSpec spec) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("apiVersion", PretrainFields.API_VERSION);
        json.put("kind", SweepFields.KIND);
        json.put("name", spec.name());
        json.put("experiment", spec.experiment());
        json.put("task", spec.task());
        json.put("base", spec.base().nested());
        json.put("matrix", matrix(spec));
        json.put("axisOrder", spec.axes().stream().map(SweepAxis::path).toList());
        json.put("include", spec.include().stream().map(Parameters::nested).toList());
        json.put("exclude", spec.exclude().stream().map(Parameters::nested).toList());
        json.put("constraints", spec.constraints());
        json.put("strategy", strategy(spec.strategy()));
        json.put(
                "objective",
                Map.of(
                        "metric", spec.objective().metric(),
                        "goal", Fields.word(spec.objective().goal()),
                        "split", "validation",
                        "report", spec.objective().report()));
        json.put("earlyStopping", earlyStopping(spec.earlyStopping()));
        json.put(
                "resources",
                Map.of(
                        "device",
                        spec.resources().device(),
                        "threads",
                        orAuto(spec.resources().threads())));
        json.put(
                "retry",
                Map.of(
                        "attempts", spec.retry().attempts(),
                        "backoff", spec.retry().backoff().toString()));
        json.put("onFailure", Fields.word(spec.onFailure()));
        json.put("concurrency", orAuto(spec.concurrency()));
        json.put("priority", spec.priority());
        json.put("budget", budget(spec));
        return CanonicalJson.write(json);
    }

    /**
     * Reads what {@link #write} wrote; names of data sets and weights are not looked up, and no number of trials is too great.
     *
     * @throws perdura.grids.spec.PerduraException INVALID_SPEC, with all problems
     */
    public static SweepExpansion read(String json, Collection<TaskSchema> tasks) {
        return SweepReader.read("stored sweep", json, List.of(), tasks, ReferenceNames.unchecked(), Long.MAX_VALUE);
    }

    /** The task of a sweep that {@link #write} wrote. */
    public static String task(String json) {
        try {
            return new ObjectMapper().readTree(json).path("task").asText();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a written sweep is not JSON", e);
        }
    }

    private static Map<String, @Nullable Object> matrix(SweepSpec spec) {
        Map<String, @Nullable Object> matrix = new LinkedHashMap<>();
        for (SweepAxis axis : spec.axes()) {
            Map<String, @Nullable Object> own = new LinkedHashMap<>();
            own.put("values", axis.values());
            if (!axis.when().isEmpty()) {
                own.put("when", axis.when());
            }
            matrix.put(axis.path(), own);
        }
        matrix.put(MatrixFields.SEEDS, spec.seeds());
        return matrix;
    }

    private static Map<String, @Nullable Object> strategy(StrategySpec strategy) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        if (strategy instanceof StrategySpec.Random random) {
            json.put("kind", "random");
            json.put("count", random.count());
            json.put("seed", random.seed());
        } else if (strategy instanceof StrategySpec.Sobol sobol) {
            json.put("kind", "sobol");
            json.put("count", sobol.count());
            json.put("seed", sobol.seed());
        } else {
            json.put("kind", "grid");
        }
        return json;
    }

    private static Map<String, @Nullable Object> earlyStopping(EarlyStoppingSpec rule) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        if (rule instanceof EarlyStoppingSpec.Median median) {
            json.put("kind", "median");
            json.put("minEpochs", median.minEpochs());
            json.put("minTrials", median.minTrials());
        } else if (rule instanceof EarlyStoppingSpec.Asha asha) {
            json.put("kind", "asha");
            json.put("minEpochs", asha.minEpochs());
            json.put("maxEpochs", asha.maxEpochs());
            json.put("reduction", asha.reduction());
        } else {
            json.put("kind", "none");
        }
        return json;
    }

    private static Map<String, @Nullable Object> budget(SweepSpec spec) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("trials", spec.budget().trials());
        json.put("gpuHours", spec.budget().gpuHours());
        json.put(
                "wallTime",
                spec.budget().wallTime() == null
                        ? null
                        : spec.budget().wallTime().toString());
        return json;
    }

    private static Object orAuto(int number) {
        return number == 0 ? "auto" : (Object) number;
    }
}
