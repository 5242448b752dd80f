package perdura.grids.spec;

/**
 * Switches of PRIOR's sentence prototype bank (prior.md 2.7).
 *
 * @param init first rows of the bank
 * @param initReports training reports whose sentences {@code SENTENCE_KMEANS} reads at least, at least 1
 * @param query how a query's weights become its output
 * @param tauSchedule how the temperature falls over the stages that use the bank
 * @param tauStart temperature of their first step, in (0, 100]
 * @param tauEnd temperature after their last step, in (0, 100]; unused by {@code FIXED}
 * @param evaluationTau temperature without noise, in evaluation and for the figures of how the bank is used
 * @param lossMean what L_proto is the mean over
 */
public record SpbSpec(
        Init init,
        int initReports,
        Query query,
        TauSchedule tauSchedule,
        double tauStart,
        double tauEnd,
        double evaluationTau,
        LossMean lossMean) {
    /** First rows of the bank. */
    public enum Init {
        /** Standard normal rows, each divided by its L1 norm. */
        GAUSSIAN_L1,
        /** Standard normal rows. */
        GAUSSIAN,
        /** At the start of the first stage that uses the bank: centres of the training sentences' vectors; not PRIOR's. */
        SENTENCE_KMEANS
    }

    /** How a query's weights become its output. */
    public enum Query {
        /** The mix of all rows by weight. */
        SOFT,
        /** The row of the greatest weight, with the gradient of the mix (straight-through); not PRIOR's. */
        HARD
    }

    /** How the temperature falls with p, the share of steps that are done. */
    public enum TauSchedule {
        /** start (end/start)^p. */
        EXPONENTIAL,
        /** start - (start - end) p. */
        LINEAR,
        /** start. */
        FIXED
    }

    /** What L_proto is the mean over. */
    public enum LossMean {
        /** All sentences of the batch alike. */
        SENTENCES,
        /** The sentences of a report, and then the reports. */
        REPORTS
    }
}
