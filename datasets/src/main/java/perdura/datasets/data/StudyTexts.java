package perdura.datasets.data;

import java.nio.Buffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import perdura.datasets.text.Vocabulary;
import perdura.datasets.text.WordPieceTokenizer;

/**
 * The sentences of some reports, each distinct one once (sense.md 1.5), sorted by length into buckets, so that little of what an encoder
 * computes is padding. The sentences of all buckets are counted on, S in all. A function of the reports and their order alone. All buffers
 * are direct, in native order.
 *
 * @param reports B
 * @param sentences S
 * @param most sentences M of the report that has the most
 * @param places [B, M]: which sentence is a report's first, second and so on; S where it has no more
 */
public record StudyTexts(int reports, int sentences, int most, List<Bucket> buckets, LongBuffer places) {
    /** A bucket ends where its padding would exceed this share of its positions. */
    private static final double MOST_PADDING = 0.15;

    /** Buckets below this many rows are not worth a call of their own. */
    private static final int FEWEST_ROWS = 16;

    public StudyTexts {
        buckets = List.copyOf(buckets);
    }

    /**
     * Sentences of about the same length, each encoded on its own: {@code [CLS] pieces [SEP]} and padding.
     *
     * @param rows sentences R
     * @param length positions L of the longest one
     * @param ids [R, L], vocabulary ids, padded with 0
     * @param attentionMask [R, L], 1 for a position that holds a piece, 0 for padding
     */
    public record Bucket(int rows, int length, LongBuffer ids, LongBuffer attentionMask) {}

    /**
     * How much of a report is read.
     *
     * @param sentenceLength most positions of a sentence, with its two special pieces
     * @param sentences most sentences of a report
     * @param reportLength most positions of a report that is read as one text, with its two special pieces
     */
    public record Limits(int sentenceLength, int sentences, int reportLength) {
        /** As sense.md 1.5 has it. */
        public static final Limits STANDARD = new Limits(48, 24, 512);
    }

    /** How reports are read. */
    public static final class Reader {
        private final boolean isJoined;
        private final Limits limits;
        private final int[] separator;

        private Reader(boolean isJoined, Limits limits, int[] separator) {
            this.isJoined = isJoined;
            this.limits = limits;
            this.separator = separator;
        }

        /** Sentence by sentence. */
        public static Reader ofSentences(Limits limits) {
            return new Reader(false, limits, new int[0]);
        }

        /** As one text, sentences joined by {@code " . "}. */
        public static Reader ofReports(Limits limits, Vocabulary vocabulary) {
            return new Reader(true, limits, new WordPieceTokenizer(vocabulary).tokenize("."));
        }

        /** How many of a report's sentences are read, from the first on. */
        public int count(int sentences) {
            return Math.min(limits.sentences, sentences);
        }

        /**
         * Reads reports.
         *
         * @param reports the pieces of each one's sentences, without special pieces; each has at least one
         */
        public StudyTexts read(List<List<int[]>> reports) {
            return StudyTexts.of(reports.stream().map(this::texts).toList());
        }

        /** Reads all sentences of rows, in their order. */
        public StudyTexts read(DataSet data, int[] rows) {
            return read(Arrays.stream(rows).mapToObj(data::sentences).toList());
        }

        /**
         * The texts that an encoder reads of a report, without special pieces: its sentences, or one text of them.
         *
         * @param sentences at least one
         */
        public List<int[]> texts(List<int[]> sentences) {
            List<int[]> kept = sentences.subList(0, count(sentences.size()));
            if (!isJoined) {
                return kept.stream()
                        .map(sentence -> cut(sentence, limits.sentenceLength))
                        .toList();
            }
            IntStream joined = IntStream.empty();
            for (int[] sentence : kept) {
                IntStream before = sentence == kept.get(0) ? IntStream.empty() : Arrays.stream(separator);
                joined = IntStream.concat(joined, IntStream.concat(before, Arrays.stream(sentence)));
            }
            return List.of(cut(joined.toArray(), limits.reportLength));
        }

        private static int[] cut(int[] pieces, int length) {
            return pieces.length > length - 2 ? Arrays.copyOf(pieces, length - 2) : pieces;
        }
    }

    /** @param reports the texts of each, without special pieces */
    static StudyTexts of(List<List<int[]>> reports) {
        Map<List<Integer>, Integer> numbers = new LinkedHashMap<>();
        List<int[]> distinct = new ArrayList<>();
        List<int[]> own = new ArrayList<>();
        for (List<int[]> report : reports) {
            own.add(report.stream()
                    .mapToInt(text -> number(text, numbers, distinct))
                    .toArray());
        }
        int[] order = IntStream.range(0, distinct.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> distinct.get(i).length)) // stable: equal ones keep their order
                .mapToInt(Integer::intValue)
                .toArray();
        int[] places = new int[order.length];
        IntStream.range(0, order.length).forEach(place -> places[order[place]] = place);
        int most = own.stream().mapToInt(texts -> texts.length).max().orElse(0);
        LongBuffer table = DirectBuffers.longs(Math.multiplyExact(reports.size(), most));
        for (int report = 0; report < own.size(); report++) {
            int[] texts = own.get(report);
            for (int i = 0; i < most; i++) {
                table.put(report * most + i, i < texts.length ? places[texts[i]] : order.length);
            }
        }
        return new StudyTexts(reports.size(), order.length, most, buckets(distinct, order), table);
    }

    private static int number(int[] text, Map<List<Integer>, Integer> numbers, List<int[]> distinct) {
        List<Integer> key = Arrays.stream(text).boxed().collect(Collectors.toList());
        Integer known = numbers.putIfAbsent(key, distinct.size());
        if (known != null) {
            return known;
        }
        distinct.add(text);
        return distinct.size() - 1;
    }

    private static List<Bucket> buckets(List<int[]> texts, int[] order) {
        List<Bucket> buckets = new ArrayList<>();
        int from = 0;
        while (from < order.length) {
            int to = end(texts, order, from);
            buckets.add(bucket(texts, Arrays.copyOfRange(order, from, to)));
            from = to;
        }
        return buckets;
    }

    private static int end(List<int[]> texts, int[] order, int from) {
        long filled = 0;
        for (int at = from; at < order.length; at++) {
            int length = texts.get(order[at]).length + 2;
            filled += length;
            long positions = (long) length * (at - from + 1);
            if (at - from >= FEWEST_ROWS && positions - filled > MOST_PADDING * positions) {
                return order.length - at < FEWEST_ROWS ? order.length : at;
            }
        }
        return order.length;
    }

    private static Bucket bucket(List<int[]> texts, int[] own) {
        int length = Arrays.stream(own).map(i -> texts.get(i).length + 2).max().orElseThrow();
        LongBuffer ids = DirectBuffers.longs(own.length * length);
        LongBuffer mask = DirectBuffers.longs(own.length * length);
        for (int row = 0; row < own.length; row++) {
            int[] text = texts.get(own[row]);
            int at = row * length;
            ids.put(at, Vocabulary.BEGIN);
            for (int i = 0; i < text.length; i++) {
                ids.put(at + 1 + i, text[i]);
            }
            ids.put(at + 1 + text.length, Vocabulary.END);
            for (int i = 0; i < text.length + 2; i++) {
                mask.put(at + i, 1);
            }
        }
        return new Bucket(own.length, length, ids, mask);
    }

    List<Buffer> buffers() {
        List<Buffer> all = new ArrayList<>(List.of(places));
        buckets.forEach(bucket -> all.addAll(List.of(bucket.ids, bucket.attentionMask)));
        return all;
    }
}
