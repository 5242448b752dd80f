package perdura.activities.io.airflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.activities.io.airflow.AirflowClient.DagRun;
import perdura.activities.io.airflow.AirflowClient.FailedTask;
import perdura.activities.io.airflow.TestingAirflow.Fault;
import perdura.activities.io.airflow.TestingAirflow.Release;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.store.http.JsonService.Reply;

class TestAirflowClient {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String RUN = "perdura-a";

    private @Nullable TestingAirflow airflow;
    private final DurableEffects effects = DurableEffects.counting();

    @AfterEach
    void stop() {
        if (airflow != null) {
            airflow.close();
        }
    }

    private TestingAirflow start(Release release) throws IOException {
        airflow = new TestingAirflow(release, 0);
        return airflow;
    }

    private AirflowClient client(AirflowConfig config) {
        return AirflowClient.connect(config, AirflowClient.service(config, effects), PATIENCE, () -> {});
    }

    @ParameterizedTest
    @EnumSource
    void speaksTheApiThatTheServerHas(Release release) throws IOException {
        TestingAirflow server = start(release);
        Map<String, @Nullable Object> conf = new LinkedHashMap<>();
        conf.put("root", "/data");
        conf.put("nothing", null);

        AirflowClient client = client(server.config());
        DagRun run = client.trigger("ingest", RUN, conf, "for a");

        assertThat(client.version()).isEqualTo(release == Release.THREE ? "3.3.2" : "2.11.2");
        assertThat(run.state()).isEqualTo("queued");
        assertThat(server.triggers().get(RUN))
                .hasToString(
                        "{\"dag_run_id\":\"perdura-a\",\"conf\":{\"root\":\"/data\",\"nothing\":null},\"note\":\"for a\""
                                + (release == Release.THREE ? ",\"logical_date\":null}" : "}"));
        assertThat(run.page())
                .isEqualTo(server.uri()
                        + (release == Release.THREE
                                ? "/dags/ingest/runs/perdura-a"
                                : "/dags/ingest/grid?dag_run_id=perdura-a"));
    }

    @ParameterizedTest
    @EnumSource
    void aRepeatedTriggerFindsTheRun(Release release) throws IOException {
        TestingAirflow server = start(release);
        AirflowClient client = client(server.config());
        client.trigger("ingest", RUN, Map.of("n", 1), "");
        server.setState(RUN, "running");

        DagRun again = client.trigger("ingest", RUN, Map.of("n", 2), "");

        assertThat(again.state()).isEqualTo("running");
        assertThat(server.triggers()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void onlyTheTriggerIsADurableEffect(Release release) throws IOException {
        AirflowClient client = client(start(release).config());
        client.findDagRun("ingest", RUN);
        client.requireRunnable("ingest");
        assertThat(effects.instants()).isZero();

        client.trigger("ingest", RUN, Map.of(), "");

        assertThat(effects.instants()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void aRunThatIsNotThereIsNotFound(Release release) throws IOException {
        assertThat(client(start(release).config()).findDagRun("ingest", RUN)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anUnknownDagIsTheSpecsFault(Release release) throws IOException {
        AirflowClient client = client(start(release).config());

        assertFails(() -> client.requireRunnable("ingst"), ErrorCode.INVALID_SPEC, "knows no DAG 'ingst'");
        assertFails(
                () -> client.trigger("ingst", RUN, Map.of(), ""),
                ErrorCode.INVALID_SPEC,
                "knows no DAG 'ingst' (Dag with dag_id: 'ingst' not found)");
    }

    @ParameterizedTest
    @EnumSource
    void aPausedDagIsNamedWithTheRemedy(Release release) throws IOException {
        TestingAirflow server = start(release);
        server.addPausedDag("sleeps");

        assertFails(
                () -> client(server.config()).requireRunnable("sleeps"),
                ErrorCode.PREPARATION_FAILED,
                "'airflow dags unpause sleeps'");
    }

    @ParameterizedTest
    @EnumSource
    void aConfThatIsRefusedIsToldInAirflowsWords(Release release) throws IOException {
        AirflowClient client = client(start(release).config());

        assertFails(
                () -> client.trigger("ingest", RUN, Map.of("seconds", "x"), ""),
                ErrorCode.INVALID_SPEC,
                "with 400: Invalid input for param seconds: 'x' is not of type 'integer' Failed validating");
    }

    @Test
    void faultsThatAirflowListsAreToldWithoutTheRequest() throws IOException {
        Reply reply = Reply.of(
                AirflowClient.DIALECT,
                "POST /x",
                422,
                "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"logical_date\"],"
                        + "\"msg\":\"Field required\",\"input\":{\"secret\":1}},{\"loc\":[\"body\",\"x\"],"
                        + "\"msg\":\"Extra inputs are not permitted\"}]}");

        assertFails(
                reply::requireOk,
                ErrorCode.INVALID_SPEC,
                "Airflow answered POST /x with 422: body.logical_date: Field required;"
                        + " body.x: Extra inputs are not permitted");
    }

    @Test
    void whatAProxyLacksIsNotLackedByAirflow() throws IOException {
        Reply reply =
                Reply.of(AirflowClient.DIALECT, "GET /x", 404, "{\"message\":\"no Route matched with those values\"}");

        assertThat(reply.isNotFound()).isFalse();
        assertFails(reply::requireOk, ErrorCode.SERVICE_UNAVAILABLE, "with 404");
    }

    @Test
    void aTokenIsFetchedOnceAndAgainWhenItIsNoLongerTaken() throws IOException {
        TestingAirflow server = start(Release.THREE);
        AirflowClient client = client(server.config());
        client.requireAccess();
        client.requireAccess();
        assertThat(server.calls()).containsExactly("version", "token", "dags", "dags");

        server.restartWithOtherSecret();
        client.requireAccess();
        server.failNext("dags", Fault.UNAUTHORIZED);
        client.requireAccess();

        assertThat(server.calls().stream().filter("token"::equals)).hasSize(3);
    }

    @ParameterizedTest
    @EnumSource
    void aWrongPasswordIsToldWithoutIt(Release release) throws IOException {
        AirflowConfig config = new AirflowConfig(start(release).uri(), "perdura", "falsch", null);

        assertFails(
                () -> client(config).requireAccess(),
                ErrorCode.SERVICE_UNAVAILABLE,
                "; correct airflow.user and airflow.password, or airflow.token");
        assertThatThrownBy(() -> client(config).requireAccess())
                .hasMessageNotContaining("falsch")
                .hasMessageContaining(release == Release.THREE ? "401: Invalid credentials" : "403: Forbidden");
        assertThat(config.toString()).doesNotContain("falsch");
    }

    @ParameterizedTest
    @EnumSource
    void aGivenTokenIsSentAsItIs(Release release) throws IOException {
        URI uri = start(release).uri();

        assertThatCode(() -> client(new AirflowConfig(uri, null, null, "given")).requireAccess())
                .doesNotThrowAnyException();
        assertFails(
                () -> client(new AirflowConfig(uri, null, null, "old")).requireAccess(),
                ErrorCode.SERVICE_UNAVAILABLE,
                "with 403");
        assertFails(
                () -> client(new AirflowConfig(uri, null, null, null)).requireAccess(),
                ErrorCode.SERVICE_UNAVAILABLE,
                release == Release.THREE ? "with 401: Not authenticated" : "with 403: Forbidden");
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatIsAwayMayComeBack(Release release) throws IOException {
        TestingAirflow server = start(release);
        AirflowClient client = client(server.config());
        server.failNext("run", Fault.UNAVAILABLE, Fault.BROKEN);

        for (String words : List.of("with 503, not in JSON", "with 500, not in JSON")) {
            assertFails(() -> client.findDagRun("ingest", RUN), ErrorCode.SERVICE_UNAVAILABLE, words);
        }
        assertThat(client.findDagRun("ingest", RUN)).isEmpty();

        server.failNext("trigger", Fault.CLOSED_BEFORE, Fault.CLOSED_AFTER);
        for (int triggered = 0; triggered < 2; triggered++) {
            assertFails(
                    () -> client.trigger("ingest", RUN, Map.of(), ""),
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "didn't answer POST");
            assertThat(server.triggers()).hasSize(triggered);
        }
        assertThat(client.trigger("ingest", RUN, Map.of(), "").state()).isEqualTo("queued");
        assertThat(server.triggers()).hasSize(1);
        server.close();
        assertFails(() -> client(server.config()), ErrorCode.SERVICE_UNAVAILABLE, "ConnectException");
    }

    @Test
    void aServerThatIsNoAirflowIsNamed() throws IOException {
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.start();
        try {
            URI uri = URI.create("http://127.0.0.1:" + other.getAddress().getPort() + "/");
            assertFails(
                    () -> client(new AirflowConfig(uri, null, null, null)),
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "there is no Airflow at http://127.0.0.1:"
                            + other.getAddress().getPort() + "; correct airflow.url");
        } finally {
            other.stop(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theTaskThatFailedFirstIsTold(Release release) throws IOException {
        TestingAirflow server = start(release);
        AirflowClient client = client(server.config());
        assertThat(client.findFailedTask("ingest", RUN)).isEmpty();

        server.addFailedTask("late", -1, 1, "2026-11-25T16:54:33.749780Z");
        server.addFailedTask("each.part", 3, 2, "2026-11-25T16:54:31.592367Z");

        assertThat(client.findFailedTask("ingest", RUN))
                .contains(new FailedTask(
                        "each.part[3]",
                        2,
                        server.uri()
                                + (release == Release.THREE
                                        ? "/dags/ingest/runs/perdura-a/tasks/each.part/mapped/3?try_number=2"
                                        : "/dags/ingest/grid?dag_run_id=perdura-a&task_id=each.part&map_index=3"
                                                + "&tab=logs")));
    }

    @ParameterizedTest
    @EnumSource
    void aDagOfAnyAlphabetIsFound(Release release) throws IOException {
        TestingAirflow server = start(release);
        server.addPausedDag("übung.1");

        DagRun run = client(server.config()).trigger("übung.1", RUN, Map.of(), "");

        assertThat(run.page()).contains("/dags/%C3%BCbung.1/");
    }

    private static void assertFails(ThrowingCallable call, ErrorCode code, String words) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(words);
    }
}
