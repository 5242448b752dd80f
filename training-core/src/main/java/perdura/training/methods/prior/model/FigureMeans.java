package perdura.training.methods.prior.model;

import java.util.List;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec;

/**
 * What each figure of a step is a mean over. A chunk's figure times the chunk's share of that, summed over the chunks, is the
 * batch's figure.
 *
 * @param ofProto what L_proto is a mean over
 */
record FigureMeans(SpbSpec.LossMean ofProto) {
    static final String PROTO_RELATIVE = "proto_relative";
    /** Both parts of {@link #PROTO_RELATIVE}, told by chunks: a quotient of means is no mean. */
    static final String PROTO_ERROR = "proto_error";

    static final String PROTO_SIZE = "proto_size";

    /** Variables of a chunk's text: its shares. */
    static final String OF_REPORTS = "of_reports";

    static final String OF_SENTENCES = "of_sentences";

    private static final List<String> OVER_SENTENCES =
            List.of("loss_kl", PROTO_SIZE, "prototype_greatest_weight", "query_greatest_weight", "query_hits");

    /** Real sentences, or reports: samples. */
    SpbSpec.LossMean of(String figure) {
        return switch (figure) {
            case "loss_proto", PROTO_ERROR -> ofProto;
            default -> OVER_SENTENCES.contains(figure) ? SpbSpec.LossMean.SENTENCES : SpbSpec.LossMean.REPORTS;
        };
    }

    /** The variable of a chunk's text that holds the share. */
    String share(String figure) {
        return of(figure) == SpbSpec.LossMean.SENTENCES ? OF_SENTENCES : OF_REPORTS;
    }
}
