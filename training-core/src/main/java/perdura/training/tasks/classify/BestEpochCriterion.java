package perdura.training.tasks.classify;

import perdura.training.tasks.classify.ClassifierJob.BestEpoch;

/** By which value on the validation part the epoch is chosen that is tested; the first one of equals. */
enum BestEpochCriterion {
    /** sense.md 4.2. */
    LEAST_LOSS,
    /** prior.md 4.2. */
    GREATEST_AUROC;

    double value(ClassificationMetrics evaluation) {
        return switch (this) {
            case LEAST_LOSS -> evaluation.loss();
            case GREATEST_AUROC ->
                evaluation
                        .meanAuroc()
                        .orElseThrow(() -> new IllegalStateException(String.valueOf(evaluation.undefined())));
        };
    }

    /** @param best of the epochs before */
    boolean isBetter(double value, BestEpoch best) {
        return best.epoch() < 0
                || switch (this) {
                    case LEAST_LOSS -> value < best.value();
                    case GREATEST_AUROC -> value > best.value();
                };
    }
}
