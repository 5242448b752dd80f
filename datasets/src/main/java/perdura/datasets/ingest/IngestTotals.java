package perdura.datasets.ingest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import perdura.datasets.data.DataSetHeader.PixelStatistics;
import perdura.datasets.data.StudyTexts;
import perdura.datasets.ingest.DataReport.Count;
import perdura.datasets.ingest.DataReport.Histogram;
import perdura.datasets.ingest.DataReport.LabelCount;
import perdura.datasets.ingest.DataReport.Published;
import perdura.datasets.source.FaultList;
import perdura.datasets.split.totals.Counted;
import perdura.datasets.split.totals.PublishedTotals;
import perdura.datasets.split.totals.PublishedTotals.Total.Certainty;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/** What all parts come to: the sizes of the arrays, and the counts of the report. Its numbers are read when all parts are in. */
final class IngestTotals {
    /** PRIOR's text length, without its two special pieces (prior.md 1.5). */
    private static final int LONGEST_REPORT = 254;

    /** SENSE's caps (sense.md 1.5), the first without the two special pieces. */
    private static final int LONGEST_SENTENCE = StudyTexts.Limits.STANDARD.sentenceLength() - 2;

    private static final int MOST_SENTENCES = StudyTexts.Limits.STANDARD.sentences();

    final Map<Exclusion, Long> leftOut = new EnumMap<>(Exclusion.class);
    final FaultList faults;
    final SentenceIndex distinctSentences = new SentenceIndex();
    final Set<String> patients = new HashSet<>();
    /** Samples of each split. */
    final Map<String, Long> splits = new TreeMap<>();

    long samples;
    long images;
    long boxes;
    /** Sentences of all reports, repeated ones too. */
    long sentences;

    long distinctTokens;
    int longestId = 1;
    int longestPatient = 1;
    int longestImage = 1;

    private final IngestPlan plan;
    private final Map<String, Long> imagesOfSplit = new TreeMap<>();
    private final Map<String, PartSummary.PixelSums> pixels = new TreeMap<>();
    private final Map<Integer, Long> sentencesPerReport = new TreeMap<>();
    private final Map<Integer, Long> tokensPerReport = new TreeMap<>();
    private final Map<Integer, Long> tokensPerSentence = new TreeMap<>();
    private final Map<Integer, Long> imagesPerSample = new TreeMap<>();
    /** For each label and split how many values are positive, negative, uncertain and blank. */
    private final List<Map<String, long[]>> labels = new ArrayList<>();

    /** @param faults all of them, when the numbers are read */
    IngestTotals(IngestPlan plan, FaultList faults) {
        this.plan = plan;
        this.faults = faults;
        plan.labels().forEach(label -> labels.add(new TreeMap<>()));
        plan.leftOut().forEach((reason, number) -> reason.count(leftOut, number));
    }

    void add(PartSummary part) {
        part.leftOut().forEach((reason, number) -> reason.count(leftOut, number));
        part.pixels().forEach((split, sums) -> pixels.merge(split, sums, PartSummary.PixelSums::plus));
    }

    void add(Manifest.Line line) {
        samples++;
        longestId = Math.max(longestId, bytes(line.id()));
        longestPatient = Math.max(longestPatient, bytes(line.patient()));
        line.images().forEach(image -> longestImage = Math.max(longestImage, bytes(image.id())));
        images += line.images().size();
        patients.add(line.patient());
        splits.merge(line.split(), 1L, Long::sum);
        imagesOfSplit.merge(line.split(), (long) line.images().size(), Long::sum);
        imagesPerSample.merge(line.images().size(), 1L, Long::sum);
        for (int i = 0; i < labels.size() && i < line.labels().size(); i++) {
            Float value = line.labels().get(i);
            int kind = value == null ? 3 : value == 1f ? 0 : value == 0f ? 1 : 2;
            labels.get(i).computeIfAbsent(line.split(), s -> new long[4])[kind]++;
        }
        boxes += line.boxes() == null ? 0 : line.boxes().size();
        if (line.sentences() != null) {
            addReport(line.sentences());
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private void addReport(List<int[]> report) {
        int tokens = 0;
        for (int[] sentence : report) {
            int known = distinctSentences.size();
            if (distinctSentences.add(sentence) == known) {
                distinctTokens += sentence.length;
            }
            tokens += sentence.length;
            tokensPerSentence.merge(sentence.length, 1L, Long::sum);
        }
        sentences += report.size();
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

    /** @param digest of the data set */
    DataReport report(IngestSpec spec, String digest) {
        List<Count> excluded = new ArrayList<>();
        leftOut.forEach((reason, count) -> {
            if (count > 0) {
                excluded.add(new Count(reason.description(), count));
            }
        });
        List<Count> faultsByReason = new ArrayList<>();
        faults.countsByReason().forEach((reason, count) -> faultsByReason.add(new Count(reason, count)));
        List<LabelCount> labelCounts = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            String label = plan.labels().get(i);
            labels.get(i)
                    .forEach((split, n) -> labelCounts.add(new LabelCount(label, name(split), n[0], n[1], n[2], n[3])));
        }
        return new DataReport(
                spec.set().word(),
                spec.profile().word(),
                digest,
                spec.imageSize(),
                plan.imagesListed(),
                plan.samplesListed(),
                excluded,
                samples,
                patients.size(),
                images,
                sentences,
                distinctSentences.size(),
                named(splits),
                labelCounts,
                spec.set().hasReports() ? histograms() : List.of(),
                spec.set().hasReports() ? cut() : List.of(),
                named(pixelStatistics()),
                published(spec),
                faults.count(),
                faultsByReason,
                faults.first());
    }

    private static <T> Map<String, T> named(Map<String, T> bySplit) {
        Map<String, T> named = new LinkedHashMap<>();
        bySplit.forEach((split, value) -> named.put(name(split), value));
        return named;
    }

    private static String name(String split) {
        return split.isEmpty() ? "all" : split;
    }

    private List<Histogram> histograms() {
        return List.of(
                new Histogram("images of a study", imagesPerSample),
                new Histogram("sentences of a report", sentencesPerReport),
                new Histogram("pieces of a report", tokensPerReport),
                new Histogram("pieces of a sentence", tokensPerSentence));
    }

    private List<Count> cut() {
        return List.of(
                above("reports of more than %d pieces", tokensPerReport, LONGEST_REPORT),
                above("reports of more than %d sentences", sentencesPerReport, MOST_SENTENCES),
                above("sentences of more than %d pieces", tokensPerSentence, LONGEST_SENTENCE));
    }

    private static Count above(String what, Map<Integer, Long> counts, int limit) {
        long count = counts.entrySet().stream()
                .filter(entry -> entry.getKey() > limit)
                .mapToLong(Map.Entry::getValue)
                .sum();
        return new Count(what.formatted(limit), count);
    }

    /** What is published about the set, beside what this ingest has counted. */
    private List<Published> published(IngestSpec spec) {
        Map<Counted, Long> found = new EnumMap<>(Counted.class);
        found.putAll(plan.counted());
        if (spec.set() == SourceSet.MIMIC_CXR) {
            found.put(Counted.KEPT_STUDIES, samples);
            found.put(Counted.TEST_PAIRS, imagesOfSplit.getOrDefault("test", 0L));
        }
        if (spec.set() == SourceSet.CHEXPERT_5X200) {
            found.put(Counted.ZERO_SHOT_IMAGES, images);
            if (spec.list() != null) {
                found.put(Counted.LISTED_ZERO_SHOT_PATIENTS, (long) patients.size());
            }
        }
        return PublishedTotals.of(spec.set(), spec.profile()).stream()
                .filter(total -> found.containsKey(total.what()))
                .map(total -> published(total, found.getOrDefault(total.what(), 0L)))
                .toList();
    }

    private static Published published(PublishedTotals.Total total, long found) {
        String source = total.source() + (total.certainty() == Certainty.RECALLED ? " (recalled)" : "");
        return new Published(total.what().description(), total.number(), found, total.agrees(found), source);
    }
}
