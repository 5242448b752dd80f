package perdura.training.methods.prior.model;

import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.nn.ScriptBuilder;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * Draws a step's noise on the device, each kind after a seed of its own: a draw depends on that seed and its shape alone.
 * The engine's generators are left seeded; what draws next seeds them again.
 */
public final class NoiseSource implements AutoCloseable {
    private final Torch torch;
    private final ModelSpec spec;
    private final ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.TRAIN);
    private final Script script;
    private final List<Tensor> arguments;

    public NoiseSource(Torch torch, Parameters parameters, Prior prior) {
        this.torch = torch;
        this.spec = prior.spec();
        PrototypeBank.writeGumbel(program);
        String like = program.buffer("spb.prototypes");
        program.function("uniform", "rows: Tensor, columns: Tensor, width: Tensor", "Tensor", """
                like = %s
                sizes = [int(rows), int(columns), int(width)]
                return torch.rand(sizes, dtype=like.dtype, layout=None, device=like.device)
                """.formatted(like));
        program.function(
                "noise",
                "rows: Tensor, columns: Tensor, width: Tensor",
                "Tensor",
                "return self.gumbel(p, self.uniform(p, rows, columns, width))\n");
        if (spec.ccr().requeryNoise() == CcrSpec.RequeryNoise.NONE) {
            program.function("silence", "rows: Tensor, columns: Tensor, width: Tensor", "Tensor", """
                    sizes = [int(rows), int(columns), int(width)]
                    return torch.new_zeros(%s, sizes)
                    """.formatted(like));
        }
        program.function("keep", "rows: Tensor, columns: Tensor, width: Tensor", "Tensor", """
                drawn = torch.select(self.uniform(p, rows, columns, width), 1, 0)
                return torch.to(torch.ge(drawn, %s), drawn.dtype)
                """.formatted(
                        spec.ccr().maskProbability()));
        this.script = Script.compile(torch, program.text());
        this.arguments = program.arguments(parameters);
    }

    /**
     * A step's noise.
     *
     * @param batch samples B
     * @param sentences M, of the longest report
     * @param seeds seed of each purpose: {@code gumbel}, {@code requery} and {@code mask}
     */
    public StageNoise draw(
            StepScope scope, StageNoise.Needs needs, int batch, int sentences, ToLongFunction<String> seeds) {
        boolean channels = spec.ccr().mask() == CcrSpec.Mask.CHANNEL;
        String requery = spec.ccr().requeryNoise() == CcrSpec.RequeryNoise.OWN ? "noise" : "silence";
        return new StageNoise(
                needs.query() ? call(scope, "noise", seeds, "gumbel", batch, sentences, spec.prototypes()) : null,
                needs.requery()
                        ? call(scope, requery, seeds, "requery", batch, spec.queries(), spec.prototypes())
                        : null,
                needs.keep()
                        ? call(scope, "keep", seeds, "mask", batch, 1, channels ? spec.dim() : spec.patches())
                        : null);
    }

    private @Nullable Tensor call(
            StepScope scope,
            String function,
            ToLongFunction<String> seeds,
            String purpose,
            int rows,
            int columns,
            int width) {
        torch.seed(seeds.applyAsLong(purpose));
        return script.call(
                        scope,
                        function,
                        List.of(arguments),
                        scope.scalar(rows),
                        scope.scalar(columns),
                        scope.scalar(width))
                .get(0);
    }

    @Override
    public void close() {
        script.close();
    }
}
