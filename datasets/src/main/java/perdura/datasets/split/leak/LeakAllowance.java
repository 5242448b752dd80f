package perdura.datasets.split.leak;

/**
 * The written word that a pre-training on one data set may have seen what is tested on another.
 *
 * @param pretrained name of the data set that was pre-trained on
 * @param downstream name of the data set that is validated or tested on
 * @param reason why that is right here, for people; not blank
 */
public record LeakAllowance(String pretrained, String downstream, String reason) {
    public LeakAllowance {
        if (reason.isBlank()) {
            throw new IllegalArgumentException(
                    "an allowance for " + pretrained + " and " + downstream + " must give its reason");
        }
    }

    boolean covers(SplitMembers trained, SplitMembers tested) {
        return pretrained.equals(trained.dataSet()) && downstream.equals(tested.dataSet());
    }
}
