package perdura.activities.worker;

import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.activities.cpu.DataActivitiesImpl;
import perdura.activities.cpu.DataPreparation;
import perdura.activities.cpu.IngestActivitiesImpl;
import perdura.activities.cpu.IngestedData;
import perdura.activities.gpu.RunStore;
import perdura.activities.io.RunActivitiesImpl;
import perdura.activities.io.SweepActivitiesImpl;
import perdura.activities.io.airflow.AirflowActivitiesImpl;
import perdura.activities.io.airflow.AirflowConfig;
import perdura.experiments.gc.ArtifactFolder;
import perdura.experiments.submit.LeakGuard;
import perdura.experiments.submit.RunStarter;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PerduraException;
import perdura.store.Checkpoints;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.Events;
import perdura.store.Ingests;
import perdura.store.Runs;
import perdura.store.StoreRetry;
import perdura.store.relay.MlflowConfig;
import perdura.store.relay.MlflowRelay;
import perdura.training.tasks.Tasks;
import perdura.workflows.ActivityTimeouts;
import perdura.workflows.IngestWorkflow;
import perdura.workflows.IngestWorkflowImpl;
import perdura.workflows.PretrainWorkflow;
import perdura.workflows.PretrainWorkflowImpl;
import perdura.workflows.ShardWorkflow;
import perdura.workflows.ShardWorkflowImpl;
import perdura.workflows.SweepActivities;
import perdura.workflows.SweepWorkflow;
import perdura.workflows.SweepWorkflowImpl;
import perdura.workflows.TaskQueues;

/**
 * A worker on one host: runs workflow tasks, the activities of the queues {@code cpu}, {@code io} and {@code airflow} and the MLflow relay in
 * this process, and one child process for each device.
 */
public final class WorkerSupervisor {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerSupervisor.class);

    /** Servers may be restarting together with this worker. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** How soon the deaths are seen that no keeper waits for: of processes of a supervisor that was killed. */
    private static final Duration SCAN = Duration.ofSeconds(1);

    /** A workflow task of a killed worker goes to another one after this; the usual 5 s would be half of a recovery. */
    private static final Duration STICKY = Duration.ofSeconds(1);

    /** Training takes every core: a workflow's code may wait for one longer than the second that the SDK grants it. */
    private static final Duration DEADLOCK = Duration.ofSeconds(8);

    /** A wait is a thread that sleeps. Runs beyond these wait before their DAGs are triggered. */
    private static final int DAGS = 100;

    private final WorkerConfig config;
    private final DurableEffects effects;
    private final Function<Database, DataPreparation> data;
    private final String slotMainClass;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    public WorkerSupervisor(WorkerConfig config) {
        this(config, TestSwitches.effects(TestSwitches.HALT_SUPERVISOR));
    }

    private WorkerSupervisor(WorkerConfig config, DurableEffects effects) {
        this(config, effects, database -> ingestedData(database, config, effects), SlotMain.class.getName());
    }

    static DataPreparation ingestedData(Database database, WorkerConfig config, DurableEffects effects) {
        DataSets dataSets = new DataSets(database);
        return new IngestedData(
                name -> dataSets.loadDataSet(name).digest(),
                dataSets::record,
                new LeakGuard(dataSets)::check,
                config.artifactRoot(),
                effects);
    }

    /**
     * @param data prepares the data sets of specs
     * @param slotMainClass main class of the process of a slot
     */
    WorkerSupervisor(
            WorkerConfig config,
            DurableEffects effects,
            Function<Database, DataPreparation> data,
            String slotMainClass) {
        this.config = config;
        this.effects = effects;
        this.data = data;
        this.slotMainClass = slotMainClass;
    }

    /**
     * Works until {@link #stop}, SIGTERM or SIGINT. Returns when everything is handed back; after a signal the process
     * exits with 0 then.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE or STORE_UNAVAILABLE if a server stays away at the start
     */
    public void run() throws InterruptedException {
        Thread onSignal = new Thread(this::endOnSignal, "perdura-signal");
        Runtime.getRuntime().addShutdownHook(onSignal);
        try {
            TokenFolder tokens = new TokenFolder(config.workDir(), effects);
            TokenKeeper keeper = new TokenKeeper(tokens, WorkerName.ofSupervisor());
            try (TemporalConnection temporal = TemporalConnection.open(config.temporal(), PATIENCE, keeper);
                    Database database = Database.open(config.database(), effects, PATIENCE)) {
                new StoreRetry(PATIENCE).run(() -> new ArtifactFolder(config.artifactRoot()).claim(database));
                DeathReporter deaths =
                        new DeathReporter(tokens, temporal.client().newActivityCompletionClient());
                MlflowRelay relay = startRelay(database, effects);
                try {
                    work(temporal, database, deaths, new LostTasks(tokens, temporal.client()));
                } finally {
                    closeRelay(relay);
                }
            }
            TestSwitches.writeCount(effects, config.workDir());
        } finally {
            ended.countDown();
            removeHook(onSignal);
        }
    }

    /** Asks {@link #run} to end: training stops at its next step boundary and commits. Returns at once. */
    public void stop() {
        stop.countDown();
    }

    private void work(TemporalConnection temporal, Database database, DeathReporter deaths, LostTasks lost)
            throws InterruptedException {
        WorkerFactory factory = startFactory(temporal, database);
        List<SlotKeeper> slots = slots(deaths, new CrashReport(config.artifactRoot(), RunStore.of(database)));
        List<Thread> threads = start(slots);
        LOG.info(
                "worker is ready: {} slot(s) {}, {}",
                slots.size(),
                config.devices(),
                temporal.isTestServer()
                        ? "embedded Temporal service"
                        : "Temporal at " + config.temporal().address());
        try {
            do {
                reportOrphans(deaths, slots, temporal.isTestServer() ? lost::forget : lost::report);
            } while (!stop.await(SCAN.toMillis(), TimeUnit.MILLISECONDS));
        } finally {
            shutDown(factory, slots, threads);
        }
    }

    private List<SlotKeeper> slots(DeathReporter deaths, CrashReport crashes) {
        List<SlotKeeper> slots = new ArrayList<>();
        for (String device : config.devices()) {
            SlotSettings settings = new SlotSettings(config, slots.size(), device);
            slots.add(new SlotKeeper(new SlotProcess(settings, slotMainClass), deaths, crashes));
        }
        return slots;
    }

    private static List<Thread> start(List<SlotKeeper> slots) {
        List<Thread> threads = new ArrayList<>();
        for (SlotKeeper slot : slots) {
            Thread thread = new Thread(slot, "perdura-slot-" + threads.size());
            thread.start();
            threads.add(thread);
        }
        return threads;
    }

    private WorkerFactory startFactory(TemporalConnection temporal, Database database) {
        WorkerFactory factory = WorkerFactory.newInstance(
                temporal.client(),
                WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(new FailureTranslation())
                        .build());
        Runs runs = new Runs(database);
        ActivityTimeouts timeouts = new ActivityTimeouts(config.heartbeatTimeout());
        Worker workflows = factory.newWorker(
                TaskQueues.WORKFLOWS,
                WorkerOptions.newBuilder()
                        .setStickyQueueScheduleToStartTimeout(STICKY)
                        .setDefaultDeadlockDetectionTimeout(DEADLOCK.toMillis())
                        .setLocalActivityWorkerOnly(true)
                        .build());
        workflows.registerWorkflowImplementationFactory(
                PretrainWorkflow.class, () -> new PretrainWorkflowImpl(timeouts));
        workflows.registerWorkflowImplementationFactory(IngestWorkflow.class, () -> new IngestWorkflowImpl(timeouts));
        workflows.registerWorkflowImplementationFactory(SweepWorkflow.class, () -> new SweepWorkflowImpl(timeouts));
        workflows.registerWorkflowImplementationFactory(ShardWorkflow.class, () -> new ShardWorkflowImpl(timeouts));
        SweepActivities sweeps =
                new SweepActivitiesImpl(database, Tasks.load().schemas(), new RunStarter(temporal.client())::start);
        workflows.registerActivitiesImplementations(sweeps);
        factory.newWorker(TaskQueues.IO, activityOptions(4))
                .registerActivitiesImplementations(new RunActivitiesImpl(runs, new Events(database)), sweeps);
        Worker cpu = factory.newWorker(
                TaskQueues.CPU, activityOptions(Runtime.getRuntime().availableProcessors()));
        cpu.registerActivitiesImplementations(
                new DataActivitiesImpl(
                        runs, new Checkpoints(database), data.apply(database), config.artifactRoot(), effects),
                new IngestActivitiesImpl(new Ingests(database), config.artifactRoot(), effects));
        AirflowConfig airflow = config.airflow();
        if (airflow != null) {
            factory.newWorker(TaskQueues.AIRFLOW, activityOptions(DAGS))
                    .registerActivitiesImplementations(
                            new AirflowActivitiesImpl(airflow, effects, runs, new Events(database)));
        }
        factory.start();
        return factory;
    }

    private WorkerOptions activityOptions(int atOnce) {
        return WorkerOptions.newBuilder()
                .setMaxConcurrentActivityExecutionSize(atOnce)
                .setMaxHeartbeatThrottleInterval(config.heartbeatThrottle())
                .build();
    }

    private @Nullable MlflowRelay startRelay(Database database, DurableEffects effects) {
        MlflowConfig mlflow = config.mlflow();
        if (mlflow == null) {
            return null;
        }
        MlflowRelay relay = new MlflowRelay(database, mlflow, effects);
        relay.start();
        return relay;
    }

    private static void closeRelay(@Nullable MlflowRelay relay) {
        if (relay != null) {
            relay.close();
        }
    }

    private static void reportOrphans(DeathReporter deaths, List<SlotKeeper> slots, Runnable lost) {
        try {
            deaths.reportDead(
                    process -> slots.stream().noneMatch(slot -> slot.isKept(process)), "its supervisor died too");
            lost.run();
        } catch (PerduraException e) {
            LOG.warn("processes of earlier workers can't be looked after now", e);
        }
    }

    private void shutDown(WorkerFactory factory, List<SlotKeeper> slots, List<Thread> threads)
            throws InterruptedException {
        LOG.info("worker shuts down: training stops at its next step boundary");
        long deadline = System.nanoTime() + config.shutdownGrace().toNanos();
        slots.forEach(SlotKeeper::stop);
        factory.shutdown();
        for (int i = 0; i < threads.size(); i++) {
            threads.get(i).join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            if (threads.get(i).isAlive()) {
                LOG.warn("slot {} did not end within {}: killed", i, config.shutdownGrace());
                slots.get(i).kill();
                threads.get(i).join();
            }
        }
        factory.awaitTermination(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    /** The JVM would exit with 143 after SIGTERM; a worker that handed everything back exits with 0. */
    private void endOnSignal() {
        stop();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException exiting) {
            LOG.debug("the process exits already");
        }
    }
}
