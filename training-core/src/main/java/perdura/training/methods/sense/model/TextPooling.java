package perdura.training.methods.sense.model;

import perdura.training.nn.ScriptBuilder;

/**
 * The two maxima of Max-Max pooling (sense.md 1.5), and what each token gives to them (sense.md 5, A4). Of equal values the one with the lowest index counts, and gets the gradient. Max pooling
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

    /** Writes {@code activations}: ids and mask [S, T], places [B, M] and weights of the dimensions [B, H] to shares [B, M, T]. */
    static void writeActivations(ScriptBuilder program) {
        writeShares(program);
        program.function("activations", "ids: Tensor, mask: Tensor, places: Tensor, weights: Tensor", "Tensor", """
                tokens = self.token_max(p, self.bert(p, ids, mask), mask)
                sentences = self.sentence_max(p, tokens[0], places)
                return self.shares(p, tokens[1], torch.size(ids, 1), sentences[1], places, weights)
                """);
    }

    /**
     * {@code shares}: the token that wins each dimension of each sentence [S, H], how many there are, the sentence that wins each dimension of
     * each report [B, H], places and weights as above.
     */
    static void writeShares(ScriptBuilder program) {
        program.function(
                "shares",
                "winners: Tensor, length: int, place: Tensor, places: Tensor, weights: Tensor",
                "Tensor",
                """
                rows = torch.gather(places, 1, place)
                token = torch.gather(winners, 0, rows)
                index = torch.add(torch.mul(place, length), token)
                size = [torch.size(places, 0), torch.mul(torch.size(places, 1), length)]
                zeros = torch.zeros(size, dtype=weights.dtype, layout=None, device=weights.device)
                share = torch.div(weights, torch.sum(weights, [1], True))
                return torch.unflatten(torch.scatter_add(zeros, 1, index, share), 1, [torch.size(places, 1), length])
                """);
    }
}
