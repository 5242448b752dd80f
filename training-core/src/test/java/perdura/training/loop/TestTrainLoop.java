package perdura.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.RunId;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.checkpoint.CheckpointReader.LoadedCheckpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainLoop.CommitSink;
import perdura.training.loop.TrainLoop.LoopClock;
import perdura.training.loop.TrainLoop.LoopObserver;
import perdura.training.loop.TrainLoop.LoopResult;
import perdura.training.loop.TrainLoop.TrainCommit;

class TestTrainLoop {
    private static final int STEPS_PER_EPOCH = 3;
    private static final int EPOCHS_PER_STAGE = 2;
    private static final long TOTAL = 12;
    private static final long NANOS_PER_STEP = 1_000_000_000L;
    private static final Instant BEGUN = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path root;

    private final TestingStore store = new TestingStore();
    private final StopRequest stop = new StopRequest();
    private final AtomicLong nanos = new AtomicLong();

    @Test
    void aRunKilledAtAnyStepEndsWithTheDigestOfAnUndisturbedOne() {
        String undisturbed = undisturbedDigest();
        for (long killedAt = 0; killedAt < TOTAL; killedAt++) {
            long killed = killedAt;
            TestingStore disturbed = new TestingStore();
            assertThatThrownBy(() ->
                            loop(job(dyingAt(killed)), steps(2), disturbed).run(CommittedState.NONE, TOTAL))
                    .hasMessage("killed");

            LoopResult result = resume(disturbed, TOTAL);

            assertThat(result.last().stateDigest()).as("killed at %d", killed).isEqualTo(undisturbed);
            assertThat(pointsByStep(disturbed))
                    .containsExactlyElementsOf(
                            LongStream.range(0, TOTAL).boxed().toList());
        }
    }

    @Test
    void segmentsEndWithTheDigestOfOneRun() {
        CountingJob job = job(step -> {});
        CommittedState at = CommittedState.NONE;
        for (long until : new long[] {1, 5, 5, TOTAL}) {
            at = loop(job, steps(100), store).run(at, until).last();
        }
        assertThat(at.stateDigest()).isEqualTo(undisturbedDigest());
        assertThat(store.steps()).containsExactly(1L, 5L, 6L, 12L);
    }

    @Test
    void theDigestOfACommitIsThatOfTheStateInMemory() {
        CountingJob job = job(step -> {});
        LoopResult result = loop(job, steps(5), store).run(CommittedState.NONE, 7);
        assertThat(result.last().stateDigest()).isEqualTo(StateDigest.of(job.positionAfter(7), job.copyState()));
        assertThat(result.steps()).isEqualTo(7);
        assertThat(result.commits()).isEqualTo(3);
    }

    @Test
    void stageEndsAreCommittedAndMarked() {
        loop(job(step -> {}), steps(100), store).run(CommittedState.NONE, TOTAL);
        assertThat(store.steps()).containsExactly(6L, 12L);
        assertThat(store.published()).allMatch(TrainCommit::stageEnd);
    }

    @Test
    void commitsAreMadeByStepsAndAtTheEnd() {
        loop(job(step -> {}), steps(2), store).run(CommittedState.NONE, 5);
        assertThat(store.steps()).containsExactly(2L, 4L, 5L);
        assertThat(store.published()).noneMatch(TrainCommit::stageEnd);
    }

    @Test
    void commitsAreMadeByTime() {
        CountDownLatch firstDone = new CountDownLatch(1);
        CommitSink sink = commit -> {
            store.publish(commit);
            firstDone.countDown();
        };
        // each step takes a second; the commit of step 2 is waited for, so that step 4 finds the way free
        CountingJob job = job(step -> {
            if (step == 3) {
                await(firstDone);
            }
        });
        loop(job, every(Duration.ofSeconds(2)), sink).run(CommittedState.NONE, 5);
        assertThat(store.steps()).startsWith(2L).endsWith(5L).doesNotContain(1L, 3L);
    }

    @Test
    void aCommitByTimeIsPutOffWhileAnotherIsOnItsWay() {
        CountDownLatch release = new CountDownLatch(1);
        CommitSink slow = commit -> {
            await(release);
            store.publish(commit);
        };
        CountingJob job = job(step -> {
            if (step == 4) {
                release.countDown();
            }
        });
        LoopResult result = loop(job, every(Duration.ofSeconds(1)), slow).run(CommittedState.NONE, 5);
        assertThat(store.steps()).startsWith(1L).endsWith(5L).doesNotContain(2L, 3L, 4L);
        assertThat(result.last().position().step()).isEqualTo(5);
    }

    @Test
    void everyPointIsInExactlyOneCommit() {
        loop(job(step -> {}), steps(5), store).run(CommittedState.NONE, TOTAL);
        assertThat(store.published().get(0).points()).hasSize(10);
        assertThat(pointsByStep(store))
                .containsExactlyElementsOf(LongStream.range(0, TOTAL).boxed().toList());
        List<MetricPoint> first = store.published().get(0).points();
        assertThat(first.get(0).key()).isEqualTo("train/loss");
        assertThat(first.get(1)).isEqualTo(new MetricPoint("train/rate", 0.01, 0, BEGUN.plusSeconds(1)));
        assertThat(first.get(3)).isEqualTo(new MetricPoint("train/rate", 0.01, 1, BEGUN.plusSeconds(2)));
    }

    @Test
    void aStepTellsItsPaceIfItsJobCountsSamples() {
        loop(new Inspected(job(step -> {})), steps(100), store).run(CommittedState.NONE, 2);
        assertThat(store.last().points())
                .filteredOn(point -> point.key().startsWith("system/"))
                .containsExactly(
                        new MetricPoint("system/images_per_second", 32, 0, BEGUN.plusSeconds(1)),
                        new MetricPoint("system/data_wait_ms", 250, 0, BEGUN.plusSeconds(1)),
                        new MetricPoint("system/images_per_second", 32, 1, BEGUN.plusSeconds(2)),
                        new MetricPoint("system/data_wait_ms", 250, 1, BEGUN.plusSeconds(2)));
    }

    @Test
    void theBeginOfAnEpochAndEveryStepAreTold() {
        Inspected job = new Inspected(job(step -> {}));
        CommittedState seven =
                loop(job, steps(100), store).run(CommittedState.NONE, 7).last();
        assertThat(job.epochs).containsExactly(new Position(1, 0, 0), new Position(1, 1, 3), new Position(2, 0, 6));
        assertThat(store.last().points())
                .filteredOn(point -> point.key().equals("seen/step"))
                .extracting(MetricPoint::value)
                .containsExactly(6.0);
        Inspected next = new Inspected(job(step -> {}));
        loop(next, steps(100), store).run(seven, 8);
        assertThat(next.epochs).as("the loop goes on within an epoch").containsExactly(new Position(2, 0, 7));
    }

    @Test
    void whatIsFoundAfterAStepIsInItsCommitWithTheTimeOfTheStep() {
        LoopResult result =
                loop(new Inspected(job(step -> {})), steps(4), store).run(CommittedState.NONE, 6);
        assertThat(store.published().get(0).points())
                .filteredOn(point -> point.key().startsWith("validation/"))
                .containsExactly(new MetricPoint("validation/loss", 2.5, 2, BEGUN.plusSeconds(3)));
        assertThat(store.published())
                .extracting(TrainCommit::events)
                .containsExactly(
                        List.of(new OnceEvent("TOLD", "run", "step 2")),
                        List.of(new OnceEvent("TOLD", "run", "step 5")));
        assertThat(result.stepping()).as("inspecting is none of a step").isEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void anEpochThatTellsTheSelectionMetricEndsWithACommitThatHasIt() {
        Inspected job = new Inspected(job(step -> {}));
        job.selected = "validation/loss";
        loop(job, steps(2), store).run(CommittedState.NONE, 6);
        assertThat(store.published())
                .extracting(commit -> commit.checkpoint().position().step(), TrainCommit::score)
                .containsExactly(tuple(2L, null), tuple(3L, 2.5), tuple(5L, null), tuple(6L, 2.5));
    }

    @Test
    void anEpochWithoutTheSelectionMetricEndsWithoutACommit() {
        Inspected job = new Inspected(job(step -> {}));
        job.selected = "validation/other";
        loop(job, steps(4), store).run(CommittedState.NONE, 5);
        assertThat(store.published()).extracting(TrainCommit::score).containsExactly(null, null);
    }

    @Test
    void anAttemptThatRepeatsStepsTellsTheirEventsAgain() {
        Inspected dying = new Inspected(job(dyingAt(4)));
        assertThatThrownBy(() -> loop(dying, steps(2), store).run(CommittedState.NONE, TOTAL))
                .hasMessage("killed");
        assertThat(store.last().checkpoint().position().step()).isEqualTo(4);
        store.published().remove(store.last()); // the commit that held the event is lost
        LoadedCheckpoint loaded = CheckpointReader.read(
                store.last().checkpoint().folder(), store.last().checkpoint().manifestDigest());
        Inspected next = new Inspected(job(step -> {}));
        next.loadState(loaded.position(), loaded.state());
        loop(next, steps(2), store).run(new CommittedState(loaded.position(), loaded.stateDigest()), 4);
        assertThat(store.last().events()).containsExactly(new OnceEvent("TOLD", "run", "step 2"));
    }

    @Test
    void aStopRequestEndsTheLoopAtTheNextBoundaryWithACommit() {
        CountingJob job = job(step -> {
            if (step == 3) {
                stop.ask(StopRequest.Reason.PAUSE);
                stop.ask(StopRequest.Reason.CANCEL);
            }
        });
        LoopResult result = loop(job, steps(100), store).run(CommittedState.NONE, TOTAL);
        assertThat(result.stoppedBy()).isEqualTo(StopRequest.Reason.PAUSE);
        assertThat(result.last().position()).isEqualTo(job.positionAfter(4));
        assertThat(store.steps()).containsExactly(4L);
    }

    @Test
    void aStopRequestBeforeTheFirstStepCommitsNothing() {
        stop.ask(StopRequest.Reason.PREEMPTION);
        LoopResult result = loop(job(step -> {}), steps(1), store).run(CommittedState.NONE, TOTAL);
        assertThat(result.stoppedBy()).isEqualTo(StopRequest.Reason.PREEMPTION);
        assertThat(result.last()).isEqualTo(CommittedState.NONE);
        assertThat(store.published()).isEmpty();
    }

    @Test
    void aStopRequestDuringTheLastStepIsNoStop() {
        CountingJob job = job(step -> stop.ask(StopRequest.Reason.PREEMPTION));
        assertThat(loop(job, steps(100), store).run(CommittedState.NONE, 1).stoppedBy())
                .isNull();
    }

    @Test
    void aRefusedCommitEndsTheLoopWithItsException() {
        List<Long> stepped = new ArrayList<>();
        CommitSink fenced = commit -> {
            throw new PerduraException(ErrorCode.FENCED, "attempt 2 has claimed the run");
        };
        assertThatThrownBy(() -> loop(job(stepped::add), steps(1), fenced).run(CommittedState.NONE, TOTAL))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FENCED));
        assertThat(stepped.size()).isLessThanOrEqualTo(2);
    }

    @Test
    void aBugInTheSinkIsReportedAsOne() {
        CommitSink broken = commit -> {
            throw new IllegalStateException("no");
        };
        assertThatThrownBy(() -> loop(job(step -> {}), steps(1), broken).run(CommittedState.NONE, 1))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL))
                .hasRootCauseMessage("no");
    }

    @Test
    void aCommitThatRunsOutOfMemoryIsReportedAsThat() {
        CommitSink greedy = commit -> {
            throw new OutOfMemoryError("Cannot reserve direct buffer memory");
        };
        assertThatThrownBy(() -> loop(job(step -> {}), steps(1), greedy).run(CommittedState.NONE, 1))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OUT_OF_MEMORY));
    }

    @Test
    void aCommitOnItsWayIsFinishedWhenAStepFails() {
        CountDownLatch failing = new CountDownLatch(1);
        CommitSink slow = commit -> {
            await(failing);
            store.publish(commit);
        };
        CountingJob job = job(step -> {
            if (step == 2) {
                failing.countDown();
                throw new PerduraException(ErrorCode.TRAINING_DIVERGED, "loss is NaN");
            }
        });
        assertThatThrownBy(() -> loop(job, steps(2), slow).run(CommittedState.NONE, TOTAL))
                .hasMessageContainingAll("loss", "NaN");
        assertThat(store.steps()).containsExactly(2L);
    }

    @Test
    void whatWasMeasuredBeforeAStepThatFailsForGoodIsKept() {
        List<MetricPoint> kept = new ArrayList<>();
        CommitSink sink = new CommitSink() {
            @Override
            public void publish(TrainCommit commit) {
                store.publish(commit);
            }

            @Override
            public void keep(List<MetricPoint> points, List<OnceEvent> events) {
                kept.addAll(points);
            }
        };
        for (ErrorCode code : List.of(ErrorCode.TRAINING_DIVERGED, ErrorCode.STALLED, ErrorCode.FENCED)) {
            kept.clear();
            CountingJob job = job(step -> {
                if (step == 3) {
                    throw new PerduraException(code, "on demand");
                }
            });
            assertThatThrownBy(() -> loop(job, steps(2), sink).run(CommittedState.NONE, TOTAL))
                    .hasMessage("on demand");
            assertThat(kept.stream().map(MetricPoint::step).distinct())
                    .as(code.name())
                    .isEqualTo(code == ErrorCode.TRAINING_DIVERGED ? List.of(2L) : List.of());
        }
    }

    @Test
    void anInterruptEndsTheWaitForACommit() {
        Thread looping = Thread.currentThread();
        CountDownLatch never = new CountDownLatch(1);
        CommitSink stuck = commit -> {
            looping.interrupt();
            await(never);
        };
        assertThatThrownBy(() -> loop(job(step -> {}), steps(1), stuck).run(CommittedState.NONE, 1))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PREEMPTED));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aDamagedCheckpointIsFoundAndTheOneBeforeItLeadsToTheSameEnd() throws IOException {
        String undisturbed = undisturbedDigest();
        loop(job(step -> {}), steps(2), store).run(CommittedState.NONE, 5);
        Path weights = store.last().checkpoint().folder().resolve("weights.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 4;
        Files.write(weights, bytes);
        assertThatThrownBy(() -> resume(store, TOTAL))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED));

        store.published().remove(store.last());
        assertThat(resume(store, TOTAL).last().stateDigest()).isEqualTo(undisturbed);
    }

    @Test
    void theObserverSeesEveryStepWithItsRate() {
        List<Long> seen = new ArrayList<>();
        LoopObserver observer = (done, metrics, rate) -> {
            seen.add(done);
            assertThat(rate).isEqualTo(1.0);
            assertThat(metrics).containsKey("train/loss");
        };
        loop(job(step -> {}), steps(100), store, observer).run(CommittedState.NONE, 3);
        assertThat(seen).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aGoalOutsideThePlanIsRefused() {
        assertThatThrownBy(() -> loop(job(step -> {}), steps(1), store).run(CommittedState.NONE, TOTAL + 1))
                .hasMessageContainingAll("untilStep", "[0, 12]", "was 13");
    }

    /** What an attempt does: takes the last commit, or starts anew if there is none. */
    private LoopResult resume(TestingStore from, long untilStep) {
        CountingJob job = job(step -> {});
        CommittedState start = CommittedState.NONE;
        if (!from.published().isEmpty()) {
            LoadedCheckpoint loaded = CheckpointReader.read(
                    from.last().checkpoint().folder(), from.last().checkpoint().manifestDigest());
            job.loadState(loaded.position(), loaded.state());
            start = new CommittedState(loaded.position(), loaded.stateDigest());
        }
        return loop(job, steps(2), from).run(start, untilStep);
    }

    private String undisturbedDigest() {
        @Nullable
        String digest = loop(job(step -> {}), steps(100), new TestingStore())
                .run(CommittedState.NONE, TOTAL)
                .last()
                .stateDigest();
        assertThat(digest).isNotNull();
        return String.valueOf(digest);
    }

    private CountingJob job(LongConsumer beforeStep) {
        return new CountingJob(STEPS_PER_EPOCH, EPOCHS_PER_STAGE, step -> {
            nanos.addAndGet(NANOS_PER_STEP);
            beforeStep.accept(step);
        });
    }

    private static LongConsumer dyingAt(long killedAt) {
        return step -> {
            if (step == killedAt) {
                throw new IllegalStateException("killed");
            }
        };
    }

    private TrainLoop loop(TrainingJob job, CommitSpec policy, CommitSink sink) {
        return loop(job, policy, sink, (done, metrics, rate) -> {});
    }

    private TrainLoop loop(TrainingJob job, CommitSpec policy, CommitSink sink, LoopObserver observer) {
        CheckpointWriter writer = new CheckpointWriter(root, new RunId("run"), 1, "c0ffee", DurableEffects.counting());
        LoopClock clock = new LoopClock(() -> BEGUN.plusNanos(nanos.get()), nanos::get);
        return new TrainLoop(job, policy, writer, sink, observer, stop, clock);
    }

    private static CommitSpec steps(long everySteps) {
        return new CommitSpec(Duration.ofDays(1), everySteps, 2);
    }

    private static CommitSpec every(Duration every) {
        return new CommitSpec(every, null, 2);
    }

    private static List<Long> pointsByStep(TestingStore store) {
        return store.published().stream()
                .flatMap(commit -> commit.points().stream())
                .filter(point -> point.key().equals("train/loss"))
                .map(MetricPoint::step)
                .toList();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sees 32 samples a step, waits a quarter of a second for them, and has something to tell at the end of each epoch. */
    private static final class Inspected implements TrainingJob {
        private final CountingJob job;
        private final List<Position> epochs = new ArrayList<>();
        private Duration waited = Duration.ZERO;
        private @Nullable String selected;

        Inspected(CountingJob job) {
            this.job = job;
        }

        @Override
        public long totalSteps() {
            return job.totalSteps();
        }

        @Override
        public Position positionAfter(long step) {
            return job.positionAfter(step);
        }

        @Override
        public Map<String, Double> step(long step) {
            waited = waited.plusMillis(250);
            return job.step(step);
        }

        @Override
        public Optional<String> selectionMetric() {
            return Optional.ofNullable(selected);
        }

        @Override
        public void epochBegins(Position position) {
            epochs.add(position);
        }

        @Override
        public StepDiagnostics stepEnded(long step) {
            return new StepDiagnostics(Map.of("seen/step", (double) step), List.of());
        }

        @Override
        public StepDiagnostics epochEnded(Position position) {
            return new StepDiagnostics(
                    Map.of("validation/loss", 2.5),
                    List.of(new OnceEvent("TOLD", "run", "step " + (position.step() - 1))));
        }

        @Override
        public int samplesPerStep() {
            return 32;
        }

        @Override
        public Duration waitedForData() {
            return waited;
        }

        @Override
        public TrainState copyState() {
            return job.copyState();
        }

        @Override
        public void loadState(Position position, TrainState state) {
            job.loadState(position, state);
        }

        @Override
        public void close() {
            job.close();
        }
    }
}
