package perdura.training.methods.prior;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.OptimizerSpec;
import perdura.training.method.StageOptimizer;
import perdura.training.method.StagedJob;
import perdura.training.methods.prior.model.CachedGradientPass;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.model.StageForward;
import perdura.training.methods.prior.model.StageNoise;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.LearningRateFactors;
import perdura.training.nn.ScriptBuilder;
import perdura.training.optim.ParameterGroup;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** All that belongs to one stage and begins anew with it: forward pass, gradients, optimiser. The weights are not its own. */
final class StageTraining implements StagedJob.Training {
    private final Torch torch;
    private final Parameters parameters;
    private final Prior prior;
    private final StageSpec stage;
    private final StageForward forward;
    private final @Nullable CachedGradientPass chunks;
    private final StageOptimizer optimizer;
    private final @Nullable Integer chunk;
    private @Nullable Evaluated evaluation;

    /** @param chunk samples of a batch that run at a time; null for all */
    StageTraining(
            Torch torch,
            Parameters parameters,
            Prior prior,
            StageSpec stage,
            OptimizerSpec optimizer,
            @Nullable Integer chunk) {
        this.torch = torch;
        this.parameters = parameters;
        this.prior = prior;
        this.chunk = chunk;
        this.stage = stage;
        this.forward = new StageForward(torch, parameters, prior, stage, ScriptBuilder.Mode.TRAIN);
        this.chunks = chunk == null
                ? null
                : new CachedGradientPass(torch, parameters, prior, stage, ScriptBuilder.Mode.TRAIN, chunk);
        this.optimizer = new StageOptimizer(
                torch, optimizer, parameters, forward.trained(), groups(stage.learningRateFactors()));
    }

    private static List<ParameterGroup> groups(LearningRateFactors factors) {
        return List.of(
                ParameterGroup.below("image", factors.image()),
                ParameterGroup.below("text", factors.text()),
                ParameterGroup.below("projection", factors.projection()),
                ParameterGroup.below("lam|predictor", factors.lam()),
                ParameterGroup.below("spb", factors.spb()),
                ParameterGroup.below("image_decoder|sentence_decoder", factors.ccr()),
                ParameterGroup.below("global_log_scale|local_log_scale", factors.scales()));
    }

    StageForward forward() {
        return forward;
    }

    /** How it runs a batch in chunks; null if it runs whole batches. */
    @Nullable
    CachedGradientPass chunks() {
        return chunks;
    }

    /** The same pass as evaluation runs it, over whole batches or in chunks; compiled when it is first asked for. */
    StageForward.Result evaluate(StepScope scope, List<Tensor> batch, double tau) {
        Evaluated known = evaluation;
        if (known == null) {
            known = chunk == null ? wholeEvaluation() : chunkedEvaluation(chunk);
            evaluation = known;
        }
        return known.pass().run(scope, batch, tau);
    }

    /** A pass in evaluation mode, and how it ends. */
    private record Evaluated(StageValidation.Evaluation pass, Runnable end) {}

    private Evaluated wholeEvaluation() {
        StageForward whole = new StageForward(torch, parameters, prior, stage, ScriptBuilder.Mode.EVAL);
        return new Evaluated((scope, batch, tau) -> whole.run(scope, batch, StageNoise.NONE, tau), whole::close);
    }

    private Evaluated chunkedEvaluation(int size) {
        CachedGradientPass pass =
                new CachedGradientPass(torch, parameters, prior, stage, ScriptBuilder.Mode.EVAL, size);
        return new Evaluated(pass::measure, pass::close);
    }

    @Override
    public StageOptimizer optimizer() {
        return optimizer;
    }

    @Override
    public void close() {
        if (evaluation != null) {
            evaluation.end().run();
        }
        optimizer.close();
        if (chunks != null) {
            chunks.close();
        }
        forward.close();
    }
}
