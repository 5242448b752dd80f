package perdura.training.loop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.OnceEvent;

/**
 * What is measured and noticed after a step or an epoch, with the weights as the step left them.
 *
 * @param metrics by MLflow key, in a fixed order
 * @param events told once each
 */
public record StepDiagnostics(Map<String, Double> metrics, List<OnceEvent> events) {
    /** Nothing. */
    public static final StepDiagnostics NONE = new StepDiagnostics(Map.of(), List.of());

    public StepDiagnostics {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        events = List.copyOf(events);
    }
}
