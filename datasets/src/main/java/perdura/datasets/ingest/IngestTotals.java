package perdura.datasets.ingest;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSetHeader.PixelStatistics;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.FaultList.DataFault;

/** What all parts come to: the sizes of the arrays, and the counts of the report. */
final class IngestTotals {
    private final Exclusion.Counts counts = new Exclusion.Counts();
    private final FaultList faults = new FaultList(SetScanner.MOST_FAULTS);
    private final SentenceIndex sentences = new SentenceIndex();
    private final Set<String> patients = new HashSet<>();
    private final Map<String, Long> splits = new TreeMap<>();
    private final Map<String, Long> imagesOfSplit = new TreeMap<>();
    private final Map<String, PartSummary.PixelSums> pixels = new TreeMap<>();
    private final Map<Integer, Long> sentencesPerReport = new TreeMap<>();
    private final Map<Integer, Long> tokensPerReport = new TreeMap<>();
    private final Map<Integer, Long> tokensPerSentence = new TreeMap<>();
    private final Map<Integer, Long> imagesPerSample = new TreeMap<>();
    private final List<LabelCounts> labels;
    private long faultCount;
    private long samples;
    private long images;
    private long boxes;
    private long allSentences;
    private long distinctTokens;
    private int longestId = 1;
    private int longestPatient = 1;
    private int longestImage = 1;

    /** Values of one label. */
    static final class LabelCounts {
        private final String name;
        private final Map<String, long[]> bySplit = new TreeMap<>();

        LabelCounts(String name) {
            this.name = name;
        }

        void add(String split, @Nullable Float value) {
            long[] own = bySplit.computeIfAbsent(split, s -> new long[4]);
            own[value == null ? 3 : value == 1f ? 0 : value == 0f ? 1 : 2]++;
        }

        String name() {
            return name;
        }

        /** Positive, negative, uncertain and blank ones, by split. */
        Map<String, long[]> bySplit() {
            return bySplit;
        }
    }

    IngestTotals(IngestPlan plan) {
        this.labels = plan.labels().stream().map(LabelCounts::new).toList();
        counts.addAll(plan.leftOut());
        plan.faults().forEach(faults::add);
        faultCount = plan.faultCount();
    }

    void add(PartSummary part) {
        counts.addAll(part.leftOut());
        for (DataFault fault : part.faults()) {
            faults.add(fault);
        }
        faultCount += part.faultCount();
        longestId = Math.max(longestId, part.longestId());
        longestPatient = Math.max(longestPatient, part.longestPatient());
        longestImage = Math.max(longestImage, part.longestImage());
        part.pixels().forEach((split, sums) -> pixels.merge(split, sums, PartSummary.PixelSums::plus));
    }

    void add(Manifest.Line line) {
        samples++;
        images += line.images().size();
        patients.add(line.patient());
        splits.merge(line.split(), 1L, Long::sum);
        imagesOfSplit.merge(line.split(), (long) line.images().size(), Long::sum);
        imagesPerSample.merge(line.images().size(), 1L, Long::sum);
        for (int i = 0; i < labels.size() && i < line.labels().size(); i++) {
            labels.get(i).add(line.split(), line.labels().get(i));
        }
        List<float[]> own = line.boxes();
        boxes += own == null ? 0 : own.size();
        List<int[]> report = line.sentences();
        if (report != null) {
            addReport(report);
        }
    }

    private void addReport(List<int[]> report) {
        int tokens = 0;
        for (int[] sentence : report) {
            int known = sentences.size();
            if (sentences.add(sentence) == known) {
                distinctTokens += sentence.length;
            }
            tokens += sentence.length;
            tokensPerSentence.merge(sentence.length, 1L, Long::sum);
        }
        allSentences += report.size();
        tokensPerReport.merge(tokens, 1L, Long::sum);
        sentencesPerReport.merge(report.size(), 1L, Long::sum);
    }

    /** Mean and deviation of each split's pixels, in [0, 1]. */
    Map<String, PixelStatistics> pixelStatistics() {
        Map<String, PixelStatistics> statistics = new LinkedHashMap<>();
        pixels.forEach((split, sums) -> {
            double mean = (double) sums.sum() / sums.count() / 255;
            double squares = (double) sums.squares() / sums.count() / (255 * 255);
            statistics.put(split, new PixelStatistics(mean, Math.sqrt(Math.max(0, squares - mean * mean))));
        });
        return statistics;
    }

    Exclusion.Counts counts() {
        return counts;
    }

    List<DataFault> faults() {
        return faults.first();
    }

    long faultCount() {
        return faultCount;
    }

    long samples() {
        return samples;
    }

    long images() {
        return images;
    }

    /** Images of one of the owner's splits. */
    long imagesOf(String split) {
        return imagesOfSplit.getOrDefault(split, 0L);
    }

    long patients() {
        return patients.size();
    }

    long boxes() {
        return boxes;
    }

    /** Samples of each split. */
    Map<String, Long> splits() {
        return splits;
    }

    List<LabelCounts> labels() {
        return labels;
    }

    /** Sentences of all reports, repeated ones too. */
    long sentences() {
        return allSentences;
    }

    long distinctSentences() {
        return sentences.size();
    }

    long distinctTokens() {
        return distinctTokens;
    }

    int longestId() {
        return longestId;
    }

    int longestPatient() {
        return longestPatient;
    }

    int longestImage() {
        return longestImage;
    }

    Map<Integer, Long> sentencesPerReport() {
        return sentencesPerReport;
    }

    Map<Integer, Long> tokensPerReport() {
        return tokensPerReport;
    }

    Map<Integer, Long> tokensPerSentence() {
        return tokensPerSentence;
    }

    Map<Integer, Long> imagesPerSample() {
        return imagesPerSample;
    }
}
