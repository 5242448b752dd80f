package perdura.cli.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What is done to one run: one to three kills, each after a delay since the one before (or since the first step).
 *
 * @param kills in order
 */
record KillPlan(List<Kill> kills) {

    /** What is killed with SIGKILL. */
    enum Target {
        SLOT,
        SUPERVISOR,
        BOTH
    }

    record Kill(Target target, Duration delay) {}

    /** Runs differ in speed: kills are drawn from this part of an undisturbed one, so that the first comes before its end. */
    private static final double EARLY = 0.6;

    /** @param span how long an undisturbed run trains */
    static KillPlan draw(Random random, Duration span) {
        List<Kill> kills = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            int draw = random.nextInt(10);
            Target target = draw < 6 ? Target.SLOT : draw < 8 ? Target.BOTH : Target.SUPERVISOR;
            kills.add(new Kill(
                    target, Duration.ofMillis((long) (random.nextDouble() * EARLY * span.toMillis() / count))));
        }
        return new KillPlan(List.copyOf(kills));
    }
}
