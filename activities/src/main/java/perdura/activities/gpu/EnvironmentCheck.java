package perdura.activities.gpu;

import java.util.List;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec.ResumeSpec;
import perdura.store.Attempt;
import perdura.store.Events;
import perdura.store.Run;

/** Bits are promised only on one kind of environment: declines another, or tells from which step the promise ends. */
final class EnvironmentCheck {
    private EnvironmentCheck() {}

    /** @throws PerduraException ENVIRONMENT_CHANGED if the environment is another and the spec says refuse */
    static void check(Run run, List<Attempt> earlier, String fingerprint, ResumeSpec resume, Events events) {
        if (earlier.isEmpty()) {
            return;
        }
        requireSame(earlier, fingerprint, resume);
        String previous = earlier.get(earlier.size() - 1).fingerprint();
        if (!previous.equals(fingerprint)) {
            events.record(
                    run.runId(),
                    "ENVIRONMENT_CHANGED",
                    change(earlier, fingerprint) + "; from step "
                            + run.progress().position().step() + " on bits may differ");
        }
    }

    /** @throws PerduraException ENVIRONMENT_CHANGED if the environment is another and the spec says refuse */
    static void requireSame(List<Attempt> earlier, String fingerprint, ResumeSpec resume) {
        if (!earlier.isEmpty()
                && !earlier.get(0).fingerprint().equals(fingerprint)
                && resume.environment() == ResumeSpec.Environment.REFUSE) {
            throw new PerduraException(
                    ErrorCode.ENVIRONMENT_CHANGED,
                    change(earlier, fingerprint)
                            + "; start a worker like the first, or set resume.environment: record");
        }
    }

    private static String change(List<Attempt> earlier, String fingerprint) {
        return "the run began on '" + earlier.get(0).fingerprint() + "', this attempt is on '" + fingerprint + "'";
    }
}
