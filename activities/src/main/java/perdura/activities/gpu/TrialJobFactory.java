package perdura.activities.gpu;

import java.time.Duration;
import perdura.activities.gpu.FailureRule.MostFailures;
import perdura.activities.gpu.JobContext.DeviceChoice;
import perdura.experiments.reference.TrialReferences;
import perdura.grids.read.ResolvedTrialJson;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.PretrainSpec.ResumeSpec;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.store.Run;
import perdura.training.loop.TrainingJob;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.Tasks;

/** The jobs of trials. */
record TrialJobFactory(Tasks tasks, RunStore store) {
    /** What a kill may cost, against what a commit writes: an encoder of full size has 380 MB of state. */
    private static final CommitSpec COMMIT = new CommitSpec(Duration.ofSeconds(60), null, 2);

    /** A trial that has ended is never taken up again. */
    private static final int KEPT_AT_END = 1;

    RunRecipe read(Run run) {
        ResolvedTrial trial = ResolvedTrialJson.read(run.identity().spec());
        Task task = tasks.task(trial.spec().task(), trial.spec().taskVersion());
        return new RunRecipe(
                trial.resources(),
                COMMIT,
                KEPT_AT_END,
                new ResumeSpec(ResumeSpec.Environment.RECORD),
                new MostFailures(trial.retry().attempts()),
                TrialReferences.dataDigest(trial, task.schema()),
                null,
                context -> open(run.runId(), trial, task, context));
    }

    private TrainingJob open(RunId runId, ResolvedTrial trial, Task task, JobContext context) {
        TrialReferences references = new TrialReferences(store.runs(), store.checkpoints(), context.artifactRoot());
        ResourceSpec resources =
                new ResourceSpec(DeviceChoice.choose(trial.resources().device(), context.device()), context.threads());
        return task.open(
                references.input(trial, task.schema()),
                references.weights(trial),
                new TaskContext(
                        context.artifactRoot(),
                        context.artifactRoot().resolve(runId.value()),
                        resources,
                        context.attempt(),
                        context.effects(),
                        context.alive(),
                        (path, file) -> store.artifacts().addArtifact(runId, path, file.toUri())));
    }
}
