package perdura.training.methods.sense.model;

import perdura.training.nn.ScriptBuilder;

/** How much of a report's feature each of its tokens makes (sense.md 5, A4). */
final class TokenActivations {
    private TokenActivations() {}

    /** Writes {@code activations}: ids and mask [S, T], places [B, M] and weights of the dimensions [B, H] to shares [B, M, T]. */
    static void write(ScriptBuilder program) {
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
