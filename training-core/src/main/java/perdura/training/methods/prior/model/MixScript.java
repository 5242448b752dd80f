package perdura.training.methods.prior.model;

import java.util.List;
import perdura.training.nn.ScriptBuilder;

/**
 * The terms that compare the samples of a batch with each other, over the embeddings of all chunks. The function {@code mix} takes
 * a list for each embedding, with a tensor for each chunk, then the sentence map of the whole batch [B, L] and the number of
 * sentence rows, and returns the weighted sum and the losses, detached.
 *
 * @param terms these alone, at least one
 */
record MixScript(LossTerms terms) {
    void write(ScriptBuilder program) {
        List<String> all = terms.embeddings();
        FunctionBuilder body =
                new FunctionBuilder(terms, List.copyOf(terms.weights().keySet()), null);
        all.forEach(name -> body.set(name, "torch.cat(" + name + "_of)"));
        body.set("valid", "self.real(p, map, int(most))");
        terms.weights().keySet().forEach(term -> body.loss(term, LossTerms.comparison(term)));
        body.giveTotal(null);
        body.giveFigures(null, List.of(), List.of());
        String lists = String.join(
                "", all.stream().map(name -> name + "_of: List[Tensor], ").toList());
        program.function("mix", lists + "map: Tensor, most: Tensor", "List[Tensor]", body.text());
    }

    /** The losses by their figures, in the order of what {@code mix} returns. */
    List<String> figures() {
        return terms.weights().keySet().stream().map(term -> "loss_" + term).toList();
    }
}
