package perdura.cli.words;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import perdura.cli.words.Table.Csv;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SweepStatus;
import perdura.store.Attempt;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.store.StoredDataSet;
import perdura.store.StoredSweep;

class TestWords {
    @Test
    void durationsReadWell() {
        assertThat(Times.of(Duration.ofSeconds(42))).isEqualTo("42 s");
        assertThat(Times.of(Duration.ofSeconds(187))).isEqualTo("3 min 07 s");
        assertThat(Times.of(Duration.ofMinutes(125))).isEqualTo("2 h 05 min");
    }

    @Test
    void tablesAlignTheirColumns() {
        assertThat(new Table("A", "LONG").row("abc", 1).toString().lines()).containsExactly("A    LONG", "abc  1");
    }

    @Test
    void csvQuotesWhatItMust() {
        assertThat(new Csv("a", "b").row("x,\"y\"", null).row(1, "z").toString())
                .isEqualTo("a,b\r\n\"x,\"\"y\"\"\",\r\n1,z");
    }

    @Test
    void lettersFollowTheLocale() {
        assertThat(glyphs(Map.of("LANG", "en_US.UTF-8"))).isEqualTo(Glyphs.UNICODE);
        assertThat(glyphs(Map.of("LANG", "en_US.UTF-8", "LC_ALL", "C"))).isEqualTo(Glyphs.ASCII);
        assertThat(glyphs(Map.of())).isEqualTo(Glyphs.ASCII);
    }

    private static Glyphs glyphs(Map<String, String> environment) {
        return Glyphs.of(new Terminal(System.out, System.err, environment, false));
    }

    @Test
    void jsonKeepsNotANumber() {
        assertThat(Json.of(List.of(Double.NaN, new RunId("a-b"))))
                .contains("\"NaN\"")
                .contains("\"a-b\"");
    }

    /** Programs read these keys. */
    @Test
    void whatTheStoreGroupsIsPrintedFlat() throws Exception {
        Instant time = Instant.EPOCH;
        assertThat(keys(new Attempt(new RunId("a"), 1, "w", "f", 0, time, new Attempt.End(time, "COMPLETED", null))))
                .containsExactly(
                        "runId",
                        "fence",
                        "worker",
                        "fingerprint",
                        "fromStep",
                        "claimedAt",
                        "endedAt",
                        "outcome",
                        "reason");
        assertThat(keys(new StoredCheckpoint(
                        new RunId("a"),
                        Position.START,
                        "s",
                        new StoredCheckpoint.Files("file:///a", "m", 1),
                        true,
                        null,
                        CheckpointState.PRESENT,
                        time)))
                .containsExactly(
                        "runId",
                        "position",
                        "stateDigest",
                        "uri",
                        "manifestDigest",
                        "bytes",
                        "stageEnd",
                        "score",
                        "state",
                        "committedAt");
        assertThat(keys(new StoredDataSet(
                        "d",
                        List.of("n"),
                        new StoredDataSet.Source("mimic-cxr", "prior", 224),
                        new StoredDataSet.Size(1, 1, 1),
                        "file:///a",
                        time)))
                .containsExactly(
                        "digest",
                        "names",
                        "sourceSet",
                        "profile",
                        "imageSize",
                        "samples",
                        "images",
                        "patients",
                        "uri",
                        "recordedAt");
        assertThat(keys(new StoredSweep(
                        "s-1",
                        new StoredSweep.Identity("s", 1, "f", "e", "{}", time),
                        SweepStatus.RUNNING,
                        new StoredSweep.Limits(0, 3),
                        new StoredSweep.Progress("auroc", ObjectiveSpec.Goal.MAX, 0, 0, null, null, null),
                        new Run.Mlflow("7", "abc"),
                        null)))
                .containsExactlyInAnyOrder(
                        "sweepId",
                        "name",
                        "number",
                        "fingerprint",
                        "experiment",
                        "spec",
                        "status",
                        "reason",
                        "concurrency",
                        "priority",
                        "objective",
                        "goal",
                        "ranSeconds",
                        "endedTrials",
                        "bestValue",
                        "bestTrial",
                        "mlflowRunId",
                        "mlflowExperimentId",
                        "submittedAt",
                        "endedAt");
    }

    private static List<String> keys(Object value) throws Exception {
        List<String> keys = new ArrayList<>();
        new ObjectMapper().readTree(Json.of(value)).fieldNames().forEachRemaining(keys::add);
        return keys;
    }
}
