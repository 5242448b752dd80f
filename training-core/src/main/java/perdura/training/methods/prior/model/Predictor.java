package perdura.training.methods.prior.model;

import perdura.training.nn.Init;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;

/**
 * SimSiam's predictor (prior.md 2.6). Its function {@code predictor} takes [..., dim] to [..., dim].
 *
 * @param name prefix of its parameters
 */
record Predictor(String name, int dim, int hidden) {
    void declare(StateDictLayout layout) {
        layout.linear(name + ".fc1", dim, hidden, Init.normal(1 / Math.sqrt(dim)), Init.fanIn(dim));
        layout.linear(name + ".fc2", hidden, dim);
    }

    void write(ScriptBuilder program) {
        program.function(
                "predictor",
                "x: Tensor",
                "Tensor",
                "return %s\n"
                        .formatted(program.linear(
                                name + ".fc2", "torch.relu(" + program.linear(name + ".fc1", "x") + ")")));
    }
}
