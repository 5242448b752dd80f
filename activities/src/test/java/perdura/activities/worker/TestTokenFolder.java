package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.worker.TokenFolder.RunningActivity;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.RunId;

class TestTokenFolder {
    @TempDir
    Path workDir;

    private TokenFolder tokens;
    private final RunningActivity training = new RunningActivity(
            "a/b+c=", "pretrain-tiny-1", "TrainSegment", new ProcessIdentity(17, 5), "host/slot-0/17");

    @BeforeEach
    void open() {
        tokens = new TokenFolder(workDir, DurableEffects.counting());
    }

    @Test
    void keepsATokenUntilItIsRemoved() {
        tokens.add(training);
        tokens.add(training);

        assertThat(new TokenFolder(workDir, DurableEffects.counting()).list()).containsExactly(training);

        tokens.remove(training.taskToken());
        tokens.remove(training.taskToken());

        assertThat(tokens.list()).isEmpty();
    }

    @Test
    void leavesForeignAndHalfWrittenFilesAlone() throws IOException {
        Files.writeString(workDir.resolve("tokens/foreign.json"), "{\"taskTo");
        Files.writeString(workDir.resolve("tokens/x.json.new"), "{");
        tokens.add(training);

        assertThat(tokens.list()).containsExactly(training);
    }

    @Test
    void knowsTheRunOfAToken() {
        assertThat(training.runId()).contains(new RunId("tiny-1"));
        assertThat(new RunningActivity("t", "sweep-7", "X", new ProcessIdentity(1, 1), "w").runId())
                .isEmpty();
    }
}
