package perdura.training.methods.prior;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.LearningRateFactors;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.StageSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.methods.prior.model.CachedGradientPass;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.model.StageForward;
import perdura.training.methods.prior.model.StageNoise;
import perdura.training.nn.ScriptBuilder;
import perdura.training.optim.FusedAdam;
import perdura.training.optim.GlobalNorm;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** All that belongs to one stage and begins anew with it: forward pass, gradients, optimiser. The weights are not its own. */
final class StageTraining implements AutoCloseable {
    private static final String STEP = "step.";

    private final Torch torch;
    private final Parameters parameters;
    private final Prior prior;
    private final StageSpec stage;
    private final StageForward forward;
    private final @Nullable CachedGradientPass chunks;
    private final Gradients gradients;
    private final GlobalNorm norm;
    private final FusedAdam optimizer;
    private final @Nullable Integer chunk;
    private @Nullable Evaluated evaluation;
    private boolean fresh = true;

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
        this.gradients = new Gradients(parameters, forward.trained());
        this.norm = new GlobalNorm(torch, gradients);
        this.optimizer = new FusedAdam(
                torch,
                optimizer,
                parameters,
                gradients,
                groups(forward.trained(), stage.learningRateFactors(), optimizer.weightDecay()));
    }

    /** Parameters that learn alike, in one group. */
    private static List<FusedAdam.Group> groups(List<String> names, LearningRateFactors factors, double weightDecay) {
        Map<Double, List<String>> byFactor = new LinkedHashMap<>();
        for (String name : names) {
            byFactor.computeIfAbsent(factor(name, factors), added -> new ArrayList<>())
                    .add(name);
        }
        List<FusedAdam.Group> groups = new ArrayList<>();
        byFactor.forEach((factor, group) -> groups.add(new FusedAdam.Group(group, weightDecay, factor)));
        return groups;
    }

    private static double factor(String name, LearningRateFactors factors) {
        int dot = name.indexOf('.');
        return switch (dot < 0 ? name : name.substring(0, dot)) {
            case "image" -> factors.image();
            case "text" -> factors.text();
            case "projection" -> factors.projection();
            case "lam", "predictor" -> factors.lam();
            case "spb" -> factors.spb();
            case "image_decoder", "sentence_decoder" -> factors.ccr();
            case "global_log_scale", "local_log_scale" -> factors.scales();
            default -> throw new IllegalStateException("no module has the parameter " + name);
        };
    }

    StageSpec stage() {
        return stage;
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

    Gradients gradients() {
        return gradients;
    }

    GlobalNorm norm() {
        return norm;
    }

    FusedAdam optimizer() {
        return optimizer;
    }

    /** Whether its optimiser has neither stepped nor been loaded. */
    boolean isFresh() {
        return fresh;
    }

    void used() {
        fresh = false;
    }

    void load(List<HostTensor> moments) {
        optimizer.loadState(moments);
        fresh = false;
    }

    /** Whether these are moments of a stage that trains the parameters of these names. */
    static boolean fits(List<HostTensor> moments, List<String> trained) {
        Set<String> counted = moments.stream()
                .map(HostTensor::name)
                .filter(name -> name.startsWith(STEP))
                .map(name -> name.substring(STEP.length()))
                .collect(Collectors.toSet());
        return counted.equals(Set.copyOf(trained));
    }

    @Override
    public void close() {
        if (evaluation != null) {
            evaluation.end().run();
        }
        optimizer.close();
        norm.close();
        gradients.close();
        if (chunks != null) {
            chunks.close();
        }
        forward.close();
    }
}
