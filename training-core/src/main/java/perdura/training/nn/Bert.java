package perdura.training.nn;

/**
 * The text encoder (prior.md 2.3): Hugging Face's BertModel, GELU by erf, token type 0 throughout. The pooler is declared
 * and unused. Its function {@code bert} takes ids and attention mask, int64 [B, L], to the last hidden states
 * [B, L, hidden].
 *
 * @param name prefix of its parameters
 * @param positions rows of the position table, at least L
 */
public record Bert(
        String name, int vocabulary, int hidden, int layers, int heads, int ffn, int positions, double dropout) {
    private static final int TYPES = 2;
    private static final Init WEIGHT = Init.normal(0.02);
    private static final Init BIAS = Init.constant(0);

    /**
     * How many numbers a recorded pass keeps of one text for its backward pass, in each layer: a linear layer keeps what it reads, dropout a
     * byte each, softmax what it gives, on a processor.
     *
     * @param length of the text
     */
    public double savedNumbersPerLayer(int length) {
        return (8 + 2 * savedMask()) * hidden * length
                + 2.0 * ffn * length
                + savedAttention() * heads * length * length;
    }

    /** The same of the embeddings. */
    public double savedNumbersOfEmbeddings(int length) {
        return (2 + savedMask()) * hidden * length;
    }

    /** What dropout keeps of a number: a boolean, as a part of a float32. */
    public double savedMask() {
        return dropout > 0 ? 0.25 : 0;
    }

    /** What attention keeps of a weight: softmax, what dropout left, and where. Without dropout the kernel makes them again. */
    public double savedAttention() {
        return dropout > 0 ? 2 + savedMask() : 0;
    }

    public void declare(StateDictLayout layout) {
        layout.parameter(
                name + ".embeddings.word_embeddings.weight",
                new Init(Init.Kind.NORMAL_WITH_PADDING_ROW, WEIGHT.value()),
                vocabulary,
                hidden);
        layout.parameter(name + ".embeddings.position_embeddings.weight", WEIGHT, positions, hidden);
        layout.parameter(name + ".embeddings.token_type_embeddings.weight", WEIGHT, TYPES, hidden);
        layout.layerNorm(name + ".embeddings.LayerNorm", hidden);
        for (int i = 0; i < layers; i++) {
            String layer = layer(i);
            declareAttention(layout, layer + ".attention", hidden);
            declareFeedForward(layout, layer, hidden, ffn);
        }
        layout.linear(name + ".pooler.dense", hidden, hidden, WEIGHT, BIAS);
    }

    public static void declareAttention(StateDictLayout layout, String attention, int hidden) {
        for (String linear : new String[] {".self.query", ".self.key", ".self.value", ".output.dense"}) {
            layout.linear(attention + linear, hidden, hidden, WEIGHT, BIAS);
        }
        layout.layerNorm(attention + ".output.LayerNorm", hidden);
    }

    public static void declareFeedForward(StateDictLayout layout, String layer, int hidden, int ffn) {
        layout.linear(layer + ".intermediate.dense", hidden, ffn, WEIGHT, BIAS);
        layout.linear(layer + ".output.dense", ffn, hidden, WEIGHT, BIAS);
        layout.layerNorm(layer + ".output.LayerNorm", hidden);
    }

    public void write(ScriptBuilder program) {
        writeWords(program);
        StringBuilder body = new StringBuilder("""
                x = self.words(p, ids)
                x = torch.add(x, torch.narrow(%s, 0, 0, torch.size(ids, 1)))
                x = torch.add(x, torch.select(%s, 0, 0))
                x = %s
                mask = torch.unsqueeze(torch.unsqueeze(torch.ne(attention_mask, 0), 1), 1)
                """.formatted(
                        program.parameter(name + ".embeddings.position_embeddings.weight"),
                        program.parameter(name + ".embeddings.token_type_embeddings.weight"),
                        program.dropout(program.layerNorm(name + ".embeddings.LayerNorm", "x", hidden), dropout)));
        for (int i = 0; i < layers; i++) {
            writeLayer(program, i);
            body.append("x = self.bert").append(i).append("(p, x, mask)\n");
        }
        program.function("bert", "ids: Tensor, attention_mask: Tensor", "Tensor", body + "return x\n");
    }

    /**
     * {@code torch.nn.functional.embedding} with padding index 0, which gets no gradient. On a GPU its backward pass adds the gradients of
     * more than 3,072 ids in any order, other bits each time, and tells nobody; that of an index adds them sorted.
     */
    private void writeWords(ScriptBuilder program) {
        String table = program.parameter(name + ".embeddings.word_embeddings.weight");
        program.function(
                "words_of_host", "ids: Tensor", "Tensor", "return torch.embedding(%s, ids, 0)\n".formatted(table));
        program.function("words_of_gpu", "ids: Tensor", "Tensor", """
                table = %s
                each = torch.index(table, annotate(List[Optional[Tensor]], [ids]))
                return torch.where(torch.unsqueeze(torch.eq(ids, 0), 2), torch.detach(torch.select(table, 0, 0)), each)
                """.formatted(table));
        program.function("words", "ids: Tensor", "Tensor", """
                if ops.prim.is_cuda(ids):
                  x = self.words_of_gpu(p, ids)
                else:
                  x = self.words_of_host(p, ids)
                return x
                """);
    }

    private void writeLayer(ScriptBuilder program, int i) {
        program.function(
                "bert" + i,
                "x: Tensor, mask: Tensor",
                "Tensor",
                attention(program, layer(i) + ".attention", "x", "mask", hidden, heads, dropout)
                        + feedForward(program, layer(i), hidden, dropout));
    }

    /**
     * Statements that replace {@code x} [B, n, hidden] by its attention over {@code memory} [B, m, hidden], added and
     * normalised.
     *
     * @param mask expression of a mask [B, 1, 1, m], true where it may look, or {@code None}
     */
    public static String attention(
            ScriptBuilder program,
            String attention,
            String memory,
            String mask,
            int hidden,
            int heads,
            double dropout) {
        return """
                q = %s
                k = %s
                v = %s
                y = %s
                y = torch.flatten(torch.transpose(y, 1, 2), 2)
                y = torch.add(%s, x)
                x = %s
                """.formatted(
                        ScriptOps.splitHeads(program.linear(attention + ".self.query", "x"), hidden, heads),
                        ScriptOps.splitHeads(program.linear(attention + ".self.key", memory), hidden, heads),
                        ScriptOps.splitHeads(program.linear(attention + ".self.value", memory), hidden, heads),
                        ScriptOps.attend(program, mask, hidden / heads, dropout),
                        program.dropout(program.linear(attention + ".output.dense", "y"), dropout),
                        program.layerNorm(attention + ".output.LayerNorm", "y", hidden));
    }

    /** Statements that return the feed-forward part of a layer on {@code x} [B, n, hidden]. */
    public static String feedForward(ScriptBuilder program, String layer, int hidden, double dropout) {
        return """
                y = torch.gelu(%s)
                y = torch.add(%s, x)
                return %s
                """.formatted(
                        program.linear(layer + ".intermediate.dense", "x"),
                        program.dropout(program.linear(layer + ".output.dense", "y"), dropout),
                        program.layerNorm(layer + ".output.LayerNorm", "y", hidden));
    }

    private String layer(int i) {
        return name + ".encoder.layer." + i;
    }
}
