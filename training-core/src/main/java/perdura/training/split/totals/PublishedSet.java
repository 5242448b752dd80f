package perdura.training.split.totals;

/** A data set whose numbers are published. */
public enum PublishedSet {
    MIMIC_CXR,
    CHEXPERT,
    RSNA,
    SIIM
}
