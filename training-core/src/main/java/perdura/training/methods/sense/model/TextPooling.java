package perdura.training.methods.sense.model;

import perdura.training.nn.ScriptBuilder;

/**
 * The two maxima of Max-Max pooling (sense.md 1.5). Of equal values the one with the lowest index counts, and gets the gradient. Max pooling
 * is the case of one text for each report.
 *
 * @param poolSpecials whether [CLS] and [SEP] take part
 */
record TextPooling(boolean poolSpecials) {
    private static final String PAD = "-1e9";

    /**
     * Writes {@code token_max}: token vectors [S, T, H] and mask [S, T] to the maximum [S, H] and the token that has it [S, H];
     * and {@code sentence_max}: sentence vectors [S, H] and places [B, M], which sentence is a report's first, second and so on, S where it
     * has no more, to the maximum [B, H] and which of its sentences has it, from 0 [B, H].
     */
    void write(ScriptBuilder program) {
        String taken = poolSpecials ? "seen = torch.ne(mask, 0)\n" : """
                after = torch.constant_pad_nd(torch.narrow(mask, 1, 1, torch.sub(torch.size(mask, 1), 1)), [0, 1], 0)
                inner = torch.narrow(torch.logical_and(torch.ne(mask, 0), torch.ne(after, 0)), 1, 1, torch.sub(torch.size(mask, 1), 1))
                seen = torch.constant_pad_nd(inner, [1, 0], 0)
                """;
        program.function("token_max", "hidden: Tensor, mask: Tensor", "List[Tensor]", taken + """
                best, token, = torch.max(torch.masked_fill(hidden, torch.unsqueeze(torch.logical_not(seen), 2), %s), 1)
                return [best, token]
                """.formatted(PAD));
        // The gradient of an index is added in any order by a processor's threads, that of an embedding by a GPU's.
        program.function("sentence_max", "sentences: Tensor, places: Tensor", "List[Tensor]", """
                all = torch.constant_pad_nd(sentences, [0, 0, 0, 1], %s)
                if ops.prim.is_cuda(places):
                  own = torch.index(all, annotate(List[Optional[Tensor]], [places]))
                else:
                  own = torch.embedding(all, places, torch.size(sentences, 0))
                best, place, = torch.max(own, 1)
                return [best, place]
                """.formatted(PAD));
    }
}
