package perdura.activities.cpu;

import io.temporal.activity.Activity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import perdura.activities.cpu.DataPreparation.DataPlan;
import perdura.activities.gpu.EpochResults;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.store.Checkpoints;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.training.checkpoint.PreparedEpoch;
import perdura.training.method.EpochPreparation;
import perdura.training.method.EpochPreparation.Combination;
import perdura.training.method.Methods;
import perdura.workflows.DataActivities;
import perdura.workflows.DataActivities.EpochBegin;
import perdura.workflows.DataActivities.EpochPlan;
import perdura.workflows.DataActivities.EpochShards;
import perdura.workflows.DataActivities.PreparedRun;

/** Prepares the data of a run and plans its steps. */
public record DataActivitiesImpl(
        Runs runs, Checkpoints checkpoints, DataPreparation data, Path artifactRoot, DurableEffects effects)
        implements DataActivities {
    @Override
    public PreparedRun prepareRun(String runId) {
        RunId id = new RunId(runId);
        Run run = runs.loadRun(id);
        PretrainSpec spec = Methods.load().specs().readStored(run.identity().spec());
        try (Heartbeat heartbeat = new Heartbeat(Activity.getExecutionContext())) {
            DataPlan plan = data.prepare(spec, run.binding().dataDigest(), heartbeat);
            runs.recordPlan(id, plan.dataDigest(), plan.totalSteps());
            return new PreparedRun(
                    plan.dataDigest(),
                    plan.studies(),
                    plan.stepsPerEpoch(),
                    plan.totalSteps(),
                    data.epochs(spec, plan.stepsPerEpoch()) != null);
        }
    }

    @Override
    public EpochPlan planEpoch(EpochBegin begin) {
        try (Heartbeat heartbeat = new Heartbeat(Activity.getExecutionContext())) {
            PreparedEpoch epoch = epoch(begin);
            epoch.removeOthers();
            heartbeat.run();
            return new EpochPlan(
                    epoch.findCombined().isPresent() ? 0 : epochs(begin).shards(begin.step()));
        }
    }

    @Override
    public void combineEpoch(EpochShards shards) {
        EpochBegin begin = shards.begin();
        PreparedEpoch epoch = epoch(begin);
        try (Heartbeat heartbeat = new Heartbeat(Activity.getExecutionContext())) {
            List<Path> folders = new ArrayList<>();
            for (int shard = 0; shard < shards.shards(); shard++) {
                int number = shard;
                folders.add(epoch.findShard(shard, shards.shards())
                        .orElseThrow(() -> new PerduraException(
                                ErrorCode.NOT_FOUND,
                                "shard " + number + " of the epoch of " + begin.runId() + " that begins at step "
                                        + begin.step() + " is gone; resume the run, which computes it again")));
                heartbeat.run();
            }
            int threads = Runtime.getRuntime().availableProcessors();
            epoch.keepCombined((scratch, folder) -> epochs(begin)
                    .combine(
                            new Combination(begin.step(), folders, earlier(begin), threads, scratch, heartbeat),
                            folder));
        }
    }

    private PreparedEpoch epoch(EpochBegin begin) {
        return new PreparedEpoch(artifactRoot, new RunId(begin.runId()), begin.step(), begin.stateDigest(), effects);
    }

    private EpochPreparation.Results earlier(EpochBegin begin) {
        return new EpochResults(checkpoints, new RunId(begin.runId()), artifactRoot, effects);
    }

    private EpochPreparation epochs(EpochBegin begin) {
        Run run = runs.loadRun(new RunId(begin.runId()));
        PretrainSpec spec = Methods.load().specs().readStored(run.identity().spec());
        long totalSteps = Objects.requireNonNull(run.progress().totalSteps());
        return Objects.requireNonNull(data.epochs(spec, spec.stepsPerEpoch(totalSteps)));
    }
}
