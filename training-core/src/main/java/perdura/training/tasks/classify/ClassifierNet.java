package perdura.training.tasks.classify;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Consumer;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.nn.Classifier;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** A classifier on a device: its weights, which a training changes, and a copy of the best ones. Lives as long as its engine. */
final class ClassifierNet {
    private static final String KEEP = """
            def keep(self: __torch__.Script, best: List[Tensor], now: List[Tensor]) -> Tensor:
              _0 = torch._foreach_copy_(best, now)
              return best[0]
            """;

    /** Which weights answer. */
    enum Weights {
        /** Those of the training. */
        CURRENT,
        /** The copy. */
        BEST
    }

    private final Torch torch;
    private final int labels;
    private final Parameters current;
    private final Parameters best;
    private final List<String> trained;
    private final Script training;
    private final Script answering;
    private final Script keeping;
    private final List<Tensor> trainingArguments;
    private final List<Tensor> answeringArguments;
    private final List<Tensor> bestArguments;

    /**
     * A classifier with first weights that are a function of the run seed and of what is copied over them.
     *
     * @param copyOver told the weights once they have the seed's values
     */
    ClassifierNet(Torch torch, Classifier classifier, int labels, long seed, Consumer<Parameters> copyOver) {
        StateDictLayout layout = classifier.layout();
        this.torch = torch;
        this.labels = labels;
        this.current = layout.allocate(torch, ElementType.F32);
        this.best = layout.allocate(torch, ElementType.F32);
        Initializer.fill(torch, layout, current, seed);
        copyOver.accept(current);
        ScriptBuilder train = classifier.program(ScriptBuilder.Mode.TRAIN);
        ScriptBuilder answer = classifier.program(ScriptBuilder.Mode.EVAL);
        this.trained = train.trained();
        this.training = Script.compile(torch, train.text());
        this.answering = Script.compile(torch, answer.text());
        this.keeping = Script.compile(torch, KEEP);
        this.trainingArguments = train.arguments(current);
        this.answeringArguments = answer.arguments(current);
        this.bestArguments = answer.arguments(best);
    }

    Torch torch() {
        return torch;
    }

    int labels() {
        return labels;
    }

    Parameters current() {
        return current;
    }

    Parameters best() {
        return best;
    }

    List<String> trained() {
        return trained;
    }

    /** The loss of a batch as a training step sees it, []. */
    Tensor loss(StepScope scope, Tensor inputs, Tensor targets) {
        return training.call(scope, "loss", List.of(trainingArguments), inputs, targets)
                .get(0);
    }

    /** Answers in evaluation mode, [B, labels], row-major. */
    double[] logits(Weights weights, FloatBuffer inputs, long... shape) {
        List<Tensor> arguments = weights == Weights.BEST ? bestArguments : answeringArguments;
        try (StepScope scope = torch.newStep()) {
            return answering
                    .call(scope, "logits", List.of(arguments), scope.floats(inputs, shape))
                    .get(0)
                    .toDoubles();
        }
    }

    /** Copies the weights and buffers over the best ones. */
    void keepBest() {
        try (StepScope scope = torch.newStep()) {
            keeping.call(scope, "keep", List.of(best.tensors(best.names()), current.tensors(best.names())));
        }
    }
}
