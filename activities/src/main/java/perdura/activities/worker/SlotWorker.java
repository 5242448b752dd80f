package perdura.activities.worker;

import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.activities.gpu.JobFactory;
import perdura.activities.gpu.RunStore;
import perdura.activities.gpu.SegmentTrainer;
import perdura.activities.gpu.Slot;
import perdura.activities.gpu.TrainActivitiesImpl;
import perdura.activities.gpu.TrainSlot;
import perdura.activities.gpu.TrainSlot.TrainThread;
import perdura.activities.gpu.TrialActivitiesImpl;
import perdura.grids.spec.DaemonThreads;
import perdura.grids.spec.DurableEffects;
import perdura.store.Database;
import perdura.store.SweepTrials;
import perdura.workflows.TaskQueues;

/** The worker in the process of a slot: training activities only, one at a time. */
final class SlotWorker {
    /** A process whose training thread hangs can only end. */
    static final int STALLED = 75;

    private static final Logger LOG = LoggerFactory.getLogger(SlotWorker.class);

    /** Servers may be restarting; a supervisor starts this process again when they stay away. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** Long enough for the failed attempt to reach the service. */
    private static final Duration AFTER_STALL = Duration.ofSeconds(3);

    private final SlotSettings settings;
    private final JobFactory jobs;
    private final DurableEffects effects;
    private final Slot slot;
    private final CountDownLatch drained = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    SlotWorker(SlotSettings settings, JobFactory jobs, DurableEffects effects) {
        this.settings = settings;
        this.jobs = jobs;
        this.effects = effects;
        this.slot = new Slot("slot-" + UUID.randomUUID(), WorkerName.ofSlot(settings.slot()), settings.device());
    }

    /** Trains until {@link #drain}. */
    void run() throws InterruptedException {
        WorkerConfig config = settings.worker();
        TrainThread thread = new TrainThread();
        CompletableFuture<String> engine = thread.submit(() -> jobs.describeEngine(settings.device()));
        CompletableFuture<TemporalConnection> connecting = CompletableFuture.supplyAsync(this::connect);
        try (Database database = Database.openMigrated(config.database(), effects, PATIENCE);
                TemporalConnection temporal = connecting.join()) {
            LOG.info("{} is ready on {}, {} ms after its start", slot.worker(), engine.join(), ageMillis());
            RunStore store = RunStore.of(database);
            SegmentTrainer trainer = new SegmentTrainer(slot, store, jobs, config.artifactRoot(), effects);
            TrainSlot training = new TrainSlot(slot, trainer, thread, config.stallTimeout(), this::haltStalled);
            WorkerFactory factory = start(
                    temporal,
                    new TrainActivitiesImpl(training),
                    new TrialActivitiesImpl(training, new SweepTrials(database), store));
            drained.await();
            factory.shutdown();
            factory.awaitTermination(config.shutdownGrace().toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            ended.countDown();
        }
    }

    /** Takes no more work, and ends the running segment at its next step boundary. Returns at once. */
    void drain() {
        slot.drain();
        drained.countDown();
    }

    /** Waits until everything is handed back, for as long as a shutdown may take. */
    void awaitEnd() throws InterruptedException {
        if (!ended.await(settings.worker().shutdownGrace().toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("{} did not end in time", slot.worker());
        }
    }

    private static long ageMillis() {
        return ProcessHandle.current()
                .info()
                .startInstant()
                .map(start -> Duration.between(start, Instant.now()).toMillis())
                .orElse(-1L);
    }

    private TemporalConnection connect() {
        Path workDir = settings.worker().workDir();
        TokenKeeper keeper = new TokenKeeper(new TokenFolder(workDir, effects), slot.worker());
        return TemporalConnection.open(settings.worker().temporal(), PATIENCE, keeper);
    }

    private WorkerFactory start(TemporalConnection temporal, Object... activities) {
        WorkerFactory factory = WorkerFactory.newInstance(
                temporal.client(),
                WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(new FailureTranslation())
                        .build());
        for (String queue : List.of(TaskQueues.GPU, slot.queue())) {
            Worker worker = factory.newWorker(queue, options());
            worker.registerActivitiesImplementations(activities);
        }
        factory.start();
        return factory;
    }

    private WorkerOptions options() {
        return WorkerOptions.newBuilder()
                .setMaxConcurrentActivityExecutionSize(1)
                .setMaxConcurrentActivityTaskPollers(1)
                .setMaxHeartbeatThrottleInterval(settings.worker().heartbeatThrottle())
                .build();
    }

    private void haltStalled() {
        drain();
        new DaemonThreads("perdura-stalled")
                .newThread(() -> {
                    try {
                        Thread.sleep(AFTER_STALL.toMillis());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(STALLED);
                })
                .start();
    }
}
