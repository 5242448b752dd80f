package perdura.cli.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import perdura.cli.words.Terminal;
import perdura.experiments.submit.PretrainPlan;
import perdura.experiments.submit.RunStarter.Preparation;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Attempt;
import perdura.store.Attempts;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Events;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.testkit.FreshDatabase;
import perdura.training.method.Methods;
import perdura.training.methods.sense.spec.SenseSpec;

/** A run whose epochs are prepared, on a real Postgres. */
@Timeout(60)
class TestRunFollower {
    private static final RunId RUN = new RunId("sense-1");
    private static final String DATA = "d".repeat(64);

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private FreshDatabase postgres;
    private Database database;
    private Runs runs;

    @BeforeEach
    void start() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        runs = new Runs(database);
        PretrainSpec spec = Methods.load()
                .specs()
                .ofProfile(
                        new PretrainStart("sense", "tests", SenseSpec.NAME, "tiny", DATA, new ResourceSpec("cpu", 1)),
                        List.of());
        runs.createRun(PretrainPlan.newRun(spec, RUN, "me", Optional.empty()));
    }

    @AfterEach
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    private RunFollower follower(Function<RunId, Optional<Preparation>> preparations) {
        PrintStream out = new PrintStream(shown, true, StandardCharsets.UTF_8);
        return new RunFollower(
                new Terminal(out, out, Map.of(), true), runs, new Events(database), preparations, Duration.ofMillis(5));
    }

    private static CompletableFuture<Run> follow(RunFollower follower) {
        CompletableFuture<Run> end = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                end.complete(follower.follow(RUN));
            } catch (InterruptedException | RuntimeException e) {
                end.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return end;
    }

    private void awaitShown(String words) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> shown.toString(StandardCharsets.UTF_8).contains(words));
    }

    @Test
    void itAsksOnceThereIsAPlanAndAgainAfterAQuestionThatNobodyAnswered() {
        AtomicInteger questions = new AtomicInteger();
        CompletableFuture<Run> end = follow(follower(run -> {
            if (questions.incrementAndGet() == 1) {
                throw new PerduraException(ErrorCode.SERVICE_UNAVAILABLE, "no worker");
            }
            return Optional.of(new Preparation(3, 8));
        }));
        awaitShown("waiting for a worker");
        assertThat(questions).hasValue(0);

        runs.recordPlan(RUN, DATA, 40);
        awaitShown("preparing the model");
        awaitShown("3 of 8 shards");

        runs.finishRun(RUN, RunStatus.FINISHED, null, null);
        assertThat(end.join().status()).isEqualTo(RunStatus.FINISHED);
        assertThat(questions).hasValueGreaterThan(1);
    }

    @Test
    void aDeadAttemptIsToldWithWhatIsRepeated() {
        runs.recordPlan(RUN, DATA, 40);
        Attempt attempt = new Attempts(database).claim(RUN, "host/0", "pytorch cpu 1");
        runs.reportLive(RUN, attempt.fence(), 9, 2.0, 0.5);
        CompletableFuture<Run> end = follow(follower(run -> Optional.empty()));
        awaitShown("step 9/40  loss 0.5000  2.00 steps/s  ETA");

        database.change(handle -> handle.execute("UPDATE attempt SET live_at = live_at - interval '27 s'"));
        awaitShown("step 9/40  no word for 27 s; would repeat 9 steps");

        new Attempts(database).endAttempt(RUN, attempt.fence(), "WORKER_DIED", "exit code 137");
        awaitShown("step 0/40  waits for a slot, repeats 9 steps");

        runs.finishRun(RUN, RunStatus.FINISHED, null, null);
        assertThat(end.join().status()).isEqualTo(RunStatus.FINISHED);
    }

    @Test
    void itFallsSilentWhileAQuestionIsOpen() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        runs.recordPlan(RUN, DATA, 40);
        RunFollower follower = follower(run -> {
            asked.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Optional.of(new Preparation(3, 8));
        });
        CompletableFuture<Run> end = follow(follower);
        asked.await();

        follower.silence();
        answer.countDown();

        await().during(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(30))
                .until(() -> !shown.toString(StandardCharsets.UTF_8).contains("shards"));
        assertThat(end).isNotDone();
    }
}
