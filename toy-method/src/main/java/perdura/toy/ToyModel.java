package perdura.toy;

import java.util.List;
import perdura.datasets.text.EncodedReport;
import perdura.datasets.text.PaddedTexts;
import perdura.training.nn.GlobalLoss;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.Init;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** A ResNet with a linear layer, beside the mean of a report's word vectors. */
final class ToyModel implements AutoCloseable {
    private final Script script;
    private final List<Tensor> arguments;
    private final List<String> trained;

    ToyModel(Torch torch, Parameters parameters, ToySpec spec, ScriptBuilder.Mode mode) {
        ScriptBuilder program = new ScriptBuilder(mode);
        encoder(spec).write(program);
        program.function(
                "image", "x: Tensor, centre: Tensor", "Tensor", """
                x = torch.sub(self.features(p, x), centre)
                return %s
                """.formatted(program.linear("projection.image", "x")));
        program.function(
                "text", "ids: Tensor, mask: Tensor", "Tensor", """
                words = torch.embedding(%s, ids, 0)
                seen = torch.unsqueeze(torch.to(mask, words.dtype), 2)
                return torch.div(torch.sum(torch.mul(words, seen), [1]), torch.sum(seen, [1]))
                """.formatted(program.parameter("projection.words")));
        new GlobalLoss("scale").write(program);
        program.function("loss", "x: Tensor, centre: Tensor, ids: Tensor, mask: Tensor", "Tensor", """
                return self.global_loss(p, self.image(p, x, centre), self.text(p, ids, mask))
                """);
        this.script = Script.compile(torch, program.text());
        this.arguments = program.arguments(parameters);
        this.trained = program.trained();
    }

    static ImageEncoder encoder(ToySpec spec) {
        return new ImageEncoder(spec.resnet().blocks(), spec.resnet().width(), 1);
    }

    static StateDictLayout layout(ToySpec spec, int vocabulary) {
        StateDictLayout layout = new StateDictLayout();
        encoder(spec).declare(layout);
        layout.linear("projection.image", encoder(spec).features(), spec.dim());
        layout.parameter("projection.words", Init.normal(0.02), vocabulary, spec.dim());
        layout.parameter("scale", Init.constant(Math.log(10)));
        return layout;
    }

    /** The parameters that the loss reaches. */
    List<String> trained() {
        return trained;
    }

    /** A function of the program: {@code features}, {@code image}, {@code text} or {@code loss}. */
    Tensor call(StepScope scope, String function, Tensor... inputs) {
        return script.call(scope, function, List.of(arguments), inputs).get(0);
    }

    /** Vectors of reports [C, dim]. */
    Tensor texts(StepScope scope, List<EncodedReport> reports) {
        PaddedTexts texts = PaddedTexts.of(reports);
        return call(
                scope,
                "text",
                scope.longs(texts.ids(), texts.size(), texts.length()),
                scope.longs(texts.mask(), texts.size(), texts.length()));
    }

    @Override
    public void close() {
        script.close();
    }
}
