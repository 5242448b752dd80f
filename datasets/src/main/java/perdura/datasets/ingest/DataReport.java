package perdura.datasets.ingest;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.datasets.data.DataSetHeader.PixelStatistics;
import perdura.datasets.source.FaultList.DataFault;

/**
 * What an ingest found: what it kept, what it left out and why, and how that compares with what is published.
 *
 * @param set the data set's word
 * @param profile whose rules hold
 * @param digest identity of the data set; empty if nothing was written
 * @param imagesListed images that the tables list
 * @param samplesListed samples that the tables list
 * @param leftOut counts by reason, those that are not zero, in the order of the filters
 * @param sentences of all reports
 * @param distinctSentences of all reports, as the model reads them
 * @param splits samples of each of the owner's splits
 * @param labels how often each label has each value
 * @param histograms how many samples, reports or sentences have a size
 * @param cut what a model will not see of the reports
 * @param pixels of each split, in [0, 1]
 * @param published totals of the methods' papers and the owners
 * @param faultCount all faults
 * @param faultsByReason counts, the most frequent first
 * @param faults the first ones; {@link FaultFile} has all
 */
public record DataReport(
        String set,
        String profile,
        String digest,
        int imageSize,
        long imagesListed,
        long samplesListed,
        List<Count> leftOut,
        long samples,
        long patients,
        long images,
        long sentences,
        long distinctSentences,
        Map<String, Long> splits,
        List<LabelCount> labels,
        List<Histogram> histograms,
        List<Count> cut,
        Map<String, PixelStatistics> pixels,
        List<Published> published,
        long faultCount,
        List<Count> faultsByReason,
        List<DataFault> faults) {
    /** A number and what it counts. */
    public record Count(String what, long count) {}

    /** Values of one label in one split. */
    public record LabelCount(String label, String split, long positive, long negative, long uncertain, long blank) {}

    /**
     * Counts by size.
     *
     * @param title what is counted
     * @param counts by size, smallest first
     */
    public record Histogram(String title, Map<Integer, Long> counts) {
        public Histogram {
            counts = Collections.unmodifiableMap(new LinkedHashMap<>(counts));
        }
    }

    /**
     * A published total beside ours.
     *
     * @param agrees whether ours is the same, as far as it can be
     * @param source where it is published
     */
    public record Published(String what, long published, long found, boolean agrees, String source) {}
}
