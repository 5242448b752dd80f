package perdura.datasets.ingest;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import perdura.datasets.ingest.ChexpertTables.ChexpertScanner;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.SourceTree;
import perdura.datasets.split.totals.Counted;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;

/** Knows how one data set lies on disk: reads its tables, and opens no image and no report. */
interface SetScanner {
    /** Faults of a scan that are kept one by one. */
    int MOST_FAULTS = 1_000;

    /** Files by which the folder of the set is known; one of them is there. */
    List<String> markers();

    /**
     * Lists the samples, sorted by id.
     *
     * @param tree the data set
     * @param top path of the set's folder in the tree, with a slash at its end, or empty
     * @throws IOException if the tree can't be listed
     */
    Scan scan(SourceTree tree, String top, IngestSpec spec) throws IOException;

    /**
     * What the tables say.
     *
     * @param samples sorted by id
     * @param labels names of the labels, in the order of {@link IngestPlan.Sample#labels}
     * @param imagesListed rows for images
     * @param samplesListed samples of the tables, those without a usable image too
     * @param counted what else the tables come to, for the published totals
     * @param counts what the tables leave out
     * @param faults of tables, and of files that no table names or that are missing
     */
    record Scan(
            List<IngestPlan.Sample> samples,
            List<String> labels,
            long imagesListed,
            long samplesListed,
            Map<Counted, Long> counted,
            Exclusion.Counts counts,
            FaultList faults) {}

    /** @throws PerduraException INTERNAL for a set without a scanner */
    static SetScanner of(IngestSpec spec) {
        return switch (spec.set()) {
            case MIMIC_CXR -> new MimicCxrScanner();
            case CHEXPERT -> new ChexpertScanner();
            case RSNA -> new RsnaScanner();
            case SIIM -> new SiimScanner();
            case CHEXPERT_5X200 -> new FiveByTwoHundredScanner();
        };
    }
}
