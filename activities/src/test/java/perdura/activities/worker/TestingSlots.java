package perdura.activities.worker;

import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.worker.WorkerFactoryOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import perdura.activities.gpu.RunJobFactory;
import perdura.activities.gpu.RunStore;
import perdura.activities.gpu.SegmentTrainer;
import perdura.activities.gpu.Slot;
import perdura.activities.gpu.TrainSlot;
import perdura.activities.gpu.TrainSlot.TrainThread;
import perdura.activities.gpu.TrialActivitiesImpl;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ResourceSpec;
import perdura.store.Database;
import perdura.store.SweepTrials;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.Tasks;
import perdura.workflows.TrialActivities;
import perdura.workflows.TrialActivities.TrialInput;
import perdura.workflows.TrialActivities.TrialResult;

/** Runs attempts of trials in this process, each by a slot that has nothing in memory. */
record TestingSlots(Database database, Path artifacts) {
    static Slot newSlot() {
        return new Slot("slot", "test", "cpu");
    }

    /** Where a job of a task works without a slot. */
    TaskContext place() {
        return new TaskContext(
                artifacts,
                artifacts.resolve("run"),
                new ResourceSpec("cpu", 1),
                1,
                DurableEffects.counting(),
                () -> {},
                (path, file) -> {});
    }

    TrialResult run(TrialInput input) {
        return run(input, newSlot(), step -> {});
    }

    /** @param beforeStep hears of each step, and may throw */
    TrialResult run(TrialInput input, Slot slot, LongConsumer beforeStep) {
        return runAndClose(environment(slot, beforeStep), input);
    }

    TrialResult runCancelledAt(TrialInput input, long cancelAt) {
        List<TestActivityEnvironment> own = new ArrayList<>();
        own.add(environment(newSlot(), step -> {
            if (step == cancelAt) {
                own.get(0).requestCancelActivity();
            }
        }));
        return runAndClose(own.get(0), input);
    }

    private static TrialResult runAndClose(TestActivityEnvironment environment, TrialInput input) {
        try {
            return environment.newActivityStub(TrialActivities.class).runTrial(input);
        } finally {
            environment.close();
        }
    }

    private TestActivityEnvironment environment(Slot slot, LongConsumer beforeStep) {
        RunStore store = RunStore.of(database);
        SegmentTrainer trainer = new SegmentTrainer(
                slot,
                store,
                new HookedJobs(new RunJobFactory(Tasks.load()), beforeStep),
                artifacts,
                DurableEffects.counting());
        TestActivityEnvironment environment = TestActivityEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                .setWorkerFactoryOptions(WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(new FailureTranslation())
                        .build())
                .build());
        TrainSlot training = new TrainSlot(slot, trainer, new TrainThread(), Duration.ofMinutes(1), () -> {});
        environment.registerActivitiesImplementations(
                new TrialActivitiesImpl(training, new SweepTrials(database), store));
        return environment;
    }
}
