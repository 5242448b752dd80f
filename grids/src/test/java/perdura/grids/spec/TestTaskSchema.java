package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TestTaskSchema {
    private static final ParameterType COUNT = new ParameterType.Whole(1, 10);

    @Test
    void defaultsAreTypedAndNested() {
        TaskSchema task = task(
                ParameterSchema.optional("model.dim", COUNT, 3, "width"),
                ParameterSchema.optional(
                        "model.blocks", new ParameterType.ListOf(COUNT, 1, 2), List.of(1, 2), "layers"),
                ParameterSchema.nullable("clip", ParameterType.Real.positive(), "norm"),
                ParameterSchema.required("name", new ParameterType.Word(List.of("x")), "given"));
        assertThat(task.defaults().nested().toString()).isEqualTo("{clip=null, model={blocks=[1, 2], dim=3}}");
        assertThat(task.defaults().value("model.dim")).isEqualTo(3L);
        assertThat(task.isGroup("model")).isTrue();
        assertThat(task.isGroup("clip")).isFalse();
        assertThat(task.find("model")).isEmpty();
    }

    @Test
    void valuesAreOfTheirTypesAndInTheirRanges() {
        assertThat(COUNT.contains(10L)).isTrue();
        assertThat(COUNT.contains(11L)).isFalse();
        assertThat(COUNT.contains(1.0)).isFalse();
        assertThat(ParameterType.Real.share().contains(0.0)).isTrue();
        assertThat(ParameterType.Real.share().contains(1.0)).isFalse();
        assertThat(ParameterType.Real.positiveShare().contains(1.0)).isTrue();
        assertThat(ParameterType.Real.positive().contains(Double.POSITIVE_INFINITY))
                .isFalse();
        assertThat(ParameterType.Real.notNegative().contains(Double.NaN)).isFalse();
        assertThat(new ParameterType.Flag().contains("true")).isFalse();
        assertThat(new ParameterType.ListOf(COUNT, 1, 2).contains(List.of(1L, 2L)))
                .isTrue();
        assertThat(new ParameterType.ListOf(COUNT, 1, 2).contains(List.of())).isFalse();
        assertThat(ParameterSchema.nullable("a", COUNT, "").contains(null)).isTrue();
        assertThat(ParameterSchema.required("a", COUNT, "").contains(null)).isFalse();
    }

    @Test
    void whatContradictsItselfIsRefused() {
        assertThatThrownBy(() -> ParameterSchema.optional("a", COUNT, 11, ""))
                .hasMessage("a can't have the default 11");
        assertThatThrownBy(() -> ParameterSchema.required("A.b", COUNT, ""))
                .hasMessage("a parameter's path is words joined by dots, was A.b");
        assertThatThrownBy(() ->
                        task(ParameterSchema.required("a", COUNT, ""), ParameterSchema.required("a.b", COUNT, "")))
                .hasMessage("two parameters stand at a");
        assertThatThrownBy(() -> task(ParameterSchema.required("seeds", COUNT, "")))
                .hasMessage("'seeds' can't be the name of a parameter");
        assertThatThrownBy(() -> task(ParameterSchema.required("in.x", COUNT, "")))
                .hasMessage("'in.x' can't be the name of a parameter");
        assertThatThrownBy(() -> new TaskSchema("Toy", 1, List.of(), List.of("loss")))
                .hasMessage("no name and version of a task: 'Toy' 1");
        assertThatThrownBy(() -> new TaskSchema("toy", 1, List.of(), List.of()))
                .hasMessage("toy must report metrics, was []");
        assertThatThrownBy(() -> new ParameterType.Whole(2, 1)).hasMessage("no range of whole numbers: 2 to 1");
        assertThatThrownBy(() -> new ParameterType.Real(Double.NaN, true, 1, true))
                .hasMessage("no range of numbers: NaN to 1.0");
    }

    private static TaskSchema task(ParameterSchema... parameters) {
        return new TaskSchema("toy", 1, List.of(parameters), List.of("loss"));
    }
}
