package perdura.activities.gpu;

import perdura.grids.spec.RunKind;
import perdura.store.Run;
import perdura.training.tasks.Tasks;
import perdura.training.torch.Torch;

/** Pre-trainings, and trials of every task. */
public final class RunJobFactory implements JobFactory {
    private final Tasks tasks;

    public RunJobFactory(Tasks tasks) {
        this.tasks = tasks;
    }

    @Override
    public RunRecipe read(Run run, RunStore store) {
        return run.identity().kind() == RunKind.PRETRAIN
                ? PretrainJobFactory.read(run)
                : new TrialJobFactory(tasks, store).read(run);
    }

    @Override
    public String describeEngine(String device) {
        return "torch " + Torch.engineVersion() + ", " + Torch.kindOf(device) + ", " + CpuKind.describe();
    }
}
