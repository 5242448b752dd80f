package perdura.training.tasks.fit;

import java.util.List;
import perdura.training.nn.ScriptBuilder;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/** A net's programs on its weights: one trains the current ones, one answers with either. Lives as long as their engine. */
public final class NetPrograms {
    private final Script training;
    private final Script answering;
    private final List<String> trained;
    private final List<Tensor> trainingWeights;
    private final List<Tensor> currentWeights;
    private final List<Tensor> bestWeights;

    /** Compiles both. */
    public NetPrograms(NetWeights weights, ScriptBuilder train, ScriptBuilder answer) {
        this.training = Script.compile(weights.torch(), train.text());
        this.answering = Script.compile(weights.torch(), answer.text());
        this.trained = train.trained();
        this.trainingWeights = train.arguments(weights.of(NetWeights.Kind.CURRENT));
        this.currentWeights = answer.arguments(weights.of(NetWeights.Kind.CURRENT));
        this.bestWeights = answer.arguments(weights.of(NetWeights.Kind.BEST));
    }

    /** The parameters that the training program uses. */
    public List<String> trained() {
        return trained;
    }

    /** Calls a function of the training program. */
    public List<Tensor> train(StepScope scope, String function, Tensor... inputs) {
        return training.call(scope, function, List.of(trainingWeights), inputs);
    }

    /** Calls a function of the answering program. */
    public List<Tensor> answer(NetWeights.Kind kind, StepScope scope, String function, Tensor... inputs) {
        List<Tensor> weights = kind == NetWeights.Kind.BEST ? bestWeights : currentWeights;
        return answering.call(scope, function, List.of(weights), inputs);
    }
}
