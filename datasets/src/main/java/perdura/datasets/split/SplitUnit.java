package perdura.datasets.split;

/** What a split must not cut. */
public enum SplitUnit {
    /** Every sample is placed on its own. */
    SAMPLE,
    /** All samples of a patient come into one part. */
    PATIENT
}
