package perdura.experiments.plan;

import java.time.Duration;

/**
 * What trials will cost, by what like ones did.
 *
 * @param deviceTime of all together
 * @param slots at once, as far as the sweep says
 * @param measured trials that the estimate rests on
 */
public record SweepCost(Duration deviceTime, int slots, int measured) {
    /** Time until the last one ends, if all slots are free. */
    public Duration elapsed() {
        return deviceTime.dividedBy(slots);
    }
}
