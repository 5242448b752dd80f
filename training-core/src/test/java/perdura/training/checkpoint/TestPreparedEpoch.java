package perdura.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;

class TestPreparedEpoch {
    private static final RunId RUN = new RunId("run-1");
    private static final String STATE = "0123456789abcdef".repeat(4);

    @TempDir
    private Path root;

    private int computed;

    @Test
    void aPartIsComputedOnce() throws IOException {
        PreparedEpoch epoch = epoch(100, STATE);

        Path kept = epoch.keepShard(2, 5, this::compute);
        epoch.keepShard(2, 5, this::compute);

        assertThat(computed).isEqualTo(1);
        assertThat(kept).isEqualTo(root.resolve("run-1/epochs/000000000100-0123456789abcdef/shard-00002-of-00005"));
        assertThat(epoch(100, STATE).findShard(2, 5)).contains(kept);
        assertThat(Files.readString(kept.resolve("a.txt"))).isEqualTo("a");
        assertThat(names(kept)).containsExactly("DIGESTS", "a.txt", "b.txt");
    }

    @Test
    void anotherStateStepOrNumberOfShardsFindsNothing() {
        epoch(100, STATE).keepShard(2, 5, this::compute);

        assertThat(epoch(100, "f" + STATE.substring(1)).findShard(2, 5)).isEmpty();
        assertThat(epoch(200, STATE).findShard(2, 5)).isEmpty();
        assertThat(epoch(100, STATE).findShard(2, 6)).isEmpty();
        assertThat(epoch(100, "").findShard(2, 5)).isEmpty();
        assertThat(epoch(100, STATE).findCombined()).isEmpty();
    }

    @Test
    void aDamagedPartIsComputedAgain() throws IOException {
        PreparedEpoch epoch = epoch(0, "");
        Path kept = epoch.keepCombined((scratch, folder) -> compute(folder));
        Files.writeString(kept.resolve("b.txt"), "c");

        assertThat(epoch.findCombined()).isEmpty();
        epoch.keepCombined((scratch, folder) -> compute(folder));

        assertThat(computed).isEqualTo(2);
        assertThat(Files.readString(kept.resolve("b.txt"))).isEqualTo("b");
    }

    @Test
    void aMissingFileOrOneTooManyIsDamage() throws IOException {
        PreparedEpoch epoch = epoch(0, "");
        Path kept = epoch.keepCombined((scratch, folder) -> compute(folder));
        Files.writeString(kept.resolve("c.txt"), "c");
        assertThat(epoch.findCombined()).isEmpty();
        Files.delete(kept.resolve("c.txt"));
        assertThat(epoch.findCombined()).contains(kept);
        Files.delete(kept.resolve("a.txt"));
        assertThat(epoch.findCombined()).isEmpty();
    }

    @Test
    void workThatFailsLeavesNothing() throws IOException {
        PreparedEpoch epoch = epoch(0, "");

        assertThatThrownBy(() -> epoch.keepShard(0, 1, folder -> {
                    compute(folder);
                    throw new IllegalStateException("killed");
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThat(epoch.findShard(0, 1)).isEmpty();
        assertThat(names(root.resolve("run-1/epochs/000000000000-initial"))).isEmpty();
    }

    @Test
    void whatWorkHasInScratchSurvivesItsFailureAndNotItsEnd() throws IOException {
        PreparedEpoch epoch = epoch(0, "");
        assertThatThrownBy(() -> epoch.keepCombined((scratch, folder) -> {
                    compute(folder);
                    Files.writeString(scratch.resolve("round"), "7");
                    throw new IllegalStateException("killed");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(epoch.findCombined()).isEmpty();

        Path kept =
                epoch.keepCombined((scratch, folder) -> Files.copy(scratch.resolve("round"), folder.resolve("end")));

        assertThat(names(kept)).containsExactly("DIGESTS", "end");
        assertThat(Files.readString(kept.resolve("end"))).isEqualTo("7");
        assertThat(names(root.resolve("run-1/epochs/000000000000-initial"))).containsExactly("combined");
    }

    @Test
    void aPartThatKillsItsProcessAgainAndAgainIsGivenUpOnce() throws IOException {
        PreparedEpoch epoch = epoch(0, "");
        Path folder = Files.createDirectories(root.resolve("run-1/epochs/000000000000-initial"));
        for (int death = 0; death < 10; death++) {
            Files.createTempDirectory(folder, "shard-00000-of-00001.writing-");
        }

        assertThatThrownBy(() -> epoch.keepShard(0, 1, this::compute))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_PROGRESS));
        epoch.keepShard(0, 1, this::compute); // after a resume

        assertThat(names(folder)).containsExactly("shard-00000-of-00001");
    }

    @Test
    void onlyTheEpochAndTheOneBeforeStay() throws IOException {
        for (long step : new long[] {0, 100, 200, 300, 400}) {
            epoch(step, STATE).keepShard(0, 1, this::compute);
        }

        epoch(300, STATE).removeOthers();

        assertThat(names(root.resolve("run-1/epochs")))
                .containsExactly("000000000200-0123456789abcdef", "000000000300-0123456789abcdef");
    }

    private PreparedEpoch epoch(long step, String state) {
        return new PreparedEpoch(root, RUN, step, state, DurableEffects.counting());
    }

    private void compute(Path folder) throws IOException {
        computed++;
        Files.writeString(folder.resolve("b.txt"), "b");
        Files.writeString(folder.resolve("a.txt"), "a");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
