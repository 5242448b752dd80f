package perdura.experiments.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import perdura.experiments.submit.PretrainSubmission.RunNames;
import perdura.grids.spec.RunId;

class TestRunNames {
    @Test
    void runNamesAreValidAndRandom() {
        RunNames names = new RunNames(new Random(1));
        RunId first = names.next("Prior-Tiny");
        assertThat(first.value()).matches("prior-tiny-[a-z2-7]{6}");
        assertThat(names.next("Prior-Tiny")).isNotEqualTo(first);
        assertThat(names.next("7x").value()).matches("run-7x-[a-z2-7]{6}");
        assertThat(names.next("n".repeat(300)).value()).hasSize(100);
    }
}
