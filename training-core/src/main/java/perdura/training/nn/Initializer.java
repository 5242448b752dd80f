package perdura.training.nn;

import java.util.List;
import perdura.datasets.seeds.Seeds;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * Gives every tensor of a layout its first value, a function of the run seed and the tensor's name alone: drawn in host memory, whose
 * generator is the same for all devices.
 */
public final class Initializer {
    private static final String SCRIPT = """
            def constant(self: __torch__.Script, x: Tensor, value: Tensor) -> Tensor:
              return torch.fill_(x, torch.item(value))
            def normal(self: __torch__.Script, x: Tensor, value: Tensor) -> Tensor:
              return torch.normal_(x, 0., float(value))
            def normal_with_padding_row(self: __torch__.Script, x: Tensor, value: Tensor) -> Tensor:
              _0 = torch.normal_(x, 0., float(value))
              return torch.zero_(torch.select(x, 0, 0))
            def normal_unit_l1_rows(self: __torch__.Script, x: Tensor, value: Tensor) -> Tensor:
              _0 = torch.normal_(x, 0., 1.)
              return torch.div_(x, torch.sum(torch.abs(x), [1], True))
            def uniform(self: __torch__.Script, x: Tensor, value: Tensor) -> Tensor:
              return torch.uniform_(x, torch.neg(float(value)), float(value))
            def copy(self: __torch__.Script, to: Tensor, x: Tensor) -> Tensor:
              return torch.copy_(to, x)
            """;

    private Initializer() {}

    /** Fills the store that {@link StateDictLayout#allocate} made. */
    public static void fill(Torch torch, StateDictLayout layout, Parameters parameters, long runSeed) {
        try (Script script = Script.compile(torch, SCRIPT)) {
            for (StateDictLayout.Entry entry : layout.entries()) {
                try (StepScope scope = torch.newStep()) {
                    Tensor tensor = parameters.tensor(entry.name());
                    Tensor drawn = scope.onHost(tensor.type(), tensor.shape());
                    torch.seed(Seeds.hash64("init", runSeed, entry.name()));
                    script.call(
                            scope,
                            function(entry.init().kind()),
                            List.of(),
                            drawn,
                            scope.scalar(entry.init().value()));
                    script.call(scope, "copy", List.of(), tensor, drawn);
                }
            }
        }
    }

    private static String function(Init.Kind kind) {
        return switch (kind) {
            case CONSTANT -> "constant";
            case NORMAL -> "normal";
            case NORMAL_WITH_PADDING_ROW -> "normal_with_padding_row";
            case NORMAL_UNIT_L1_ROWS -> "normal_unit_l1_rows";
            case UNIFORM -> "uniform";
        };
    }
}
