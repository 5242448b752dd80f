package perdura.cli.report;

import java.util.List;

/**
 * A result that a paper reports and that the method's specification marks as verified. No other may stand here: what is only
 * remembered or was read in somebody else's list is not the paper's result.
 *
 * @param task whose table it belongs to
 * @param set word of the data set
 * @param fraction of the training part
 * @param metric on test data
 * @param mean as a share of 1
 * @param std over seeds, as a share of 1
 * @param note where it stands, and what about it is inferred
 */
record PublishedFigure(
        String method, String task, String set, double fraction, String metric, double mean, double std, String note) {
    /** prior.md 5 and 6. Of SENSE's probes no figure is known (sense.md 6). */
    private static final List<PublishedFigure> ALL = List.of(new PublishedFigure(
            "PRIOR, as published",
            "supervised-classification",
            "chexpert",
            0.01,
            "auroc",
            0.8616,
            0.0064,
            "Supplement of the PRIOR paper, Table 3, sigmoid row. That it is the 1 % fraction is inferred from its size."
                    + " It was measured on the real CheXpert with the paper's own split."));

    static List<PublishedFigure> of(String task, String metric) {
        return ALL.stream()
                .filter(figure -> figure.task().equals(task) && figure.metric().equals(metric))
                .toList();
    }
}
