package perdura.training.methods.prior.model;

import perdura.training.nn.Bert;
import perdura.training.nn.Init;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;

/**
 * The sentence decoder (prior.md 2.8): learnable queries through BERT's embedding step without words and its layers with
 * cross-attention on the patches; no causal mask. Its function {@code sentence_decoder} takes patches [B, P, dim] to
 * predicted prototypes [B, Q, dim].
 *
 * @param name prefix of its parameters
 */
record SentenceDecoder(String name, int queries, int dim, int layers, int heads, int ffn, double dropout) {
    void declare(StateDictLayout layout) {
        layout.parameter(name + ".queries", Init.normal(1), queries, dim);
        layout.parameter(name + ".embeddings.position_embeddings.weight", Init.normal(0.02), queries, dim);
        layout.parameter(name + ".embeddings.token_type_embeddings.weight", Init.normal(0.02), 1, dim);
        layout.layerNorm(name + ".embeddings.LayerNorm", dim);
        for (int i = 0; i < layers; i++) {
            Bert.declareAttention(layout, layer(i) + ".attention", dim);
            Bert.declareAttention(layout, layer(i) + ".crossattention", dim);
            Bert.declareFeedForward(layout, layer(i), dim, ffn);
        }
    }

    void write(ScriptBuilder program) {
        StringBuilder body = new StringBuilder("""
                x = torch.add(%s, %s)
                x = torch.add(x, %s)
                x = %s
                x = torch.expand(x, [torch.size(memory, 0), -1, -1])
                x = %s
                """.formatted(
                        program.parameter(name + ".queries"),
                        program.parameter(name + ".embeddings.position_embeddings.weight"),
                        program.parameter(name + ".embeddings.token_type_embeddings.weight"),
                        program.layerNorm(name + ".embeddings.LayerNorm", "x", dim),
                        program.dropout("x", dropout)));
        for (int i = 0; i < layers; i++) {
            writeLayer(program, i);
            body.append("x = self.sentence_decoder%d(p, x, memory)\n".formatted(i));
        }
        program.function("sentence_decoder", "memory: Tensor", "Tensor", body + "return x\n");
    }

    private void writeLayer(ScriptBuilder program, int i) {
        program.function(
                "sentence_decoder" + i,
                "x: Tensor, memory: Tensor",
                "Tensor",
                attention(program, layer(i) + ".attention", "x")
                        + attention(program, layer(i) + ".crossattention", "memory")
                        + Bert.feedForward(program, layer(i), dim, dropout));
    }

    private String attention(ScriptBuilder program, String attention, String memory) {
        return Bert.attention(program, attention, memory, "None", dim, heads, dropout);
    }

    private String layer(int i) {
        return name + ".encoder.layer." + i;
    }
}
