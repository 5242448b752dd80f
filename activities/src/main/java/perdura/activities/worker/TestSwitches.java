package perdura.activities.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.grids.spec.DurableEffects;

/** System properties by which a test halts a process at one of its durable effects, or has them counted. */
final class TestSwitches {
    /** Instant at which the first process of each slot halts. */
    static final String HALT_SLOT = "perdura.test.haltAt";

    /** Instant at which the supervisor halts. */
    static final String HALT_SUPERVISOR = "perdura.test.supervisorHaltAt";

    /** If true, each process writes the number of its instants into its folder when it ends in order. */
    static final String COUNT = "perdura.test.countInstants";

    private static final Logger LOG = LoggerFactory.getLogger(TestSwitches.class);

    private TestSwitches() {}

    static DurableEffects effects(String haltProperty) {
        Long instant = Long.getLong(haltProperty);
        return instant == null ? DurableEffects.counting() : DurableEffects.haltingAt(instant);
    }

    static void writeCount(DurableEffects effects, Path folder) {
        if (Boolean.getBoolean(COUNT)) {
            try {
                Files.writeString(folder.resolve("instants"), effects.instants() + "\n");
            } catch (IOException e) {
                LOG.warn("{}: the count of instants can't be written", folder, e);
            }
        }
    }
}
