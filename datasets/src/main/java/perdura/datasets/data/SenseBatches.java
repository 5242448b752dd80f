package perdura.datasets.data;

import java.nio.LongBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import perdura.grids.spec.PerduraException;

/**
 * The batches of SENSE's pre-training: each study once an epoch in the order of {@link SenseDraws#order}, the last part batch
 * dropped; two crops of one of its images, and two subsets of its sentences. A batch is a function of the run seed, the epoch
 * and its index alone. For one calling thread.
 */
public final class SenseBatches implements DataLoader<SenseBatch> {
    private final DataSet data;
    private final int[] rows;
    private final Config config;
    private final SenseDraws draws;
    private final MemoizeLast<Integer, int[]> order;
    private final StudyImages images;
    private final Prefetcher<Integer, SenseBatch> prefetcher;

    /**
     * What decides the batches, and what they may cost.
     *
     * @param seed the run seed
     * @param chunk studies that run through the encoders at a time, a divisor of the batch size
     * @param reader how reports are read
     * @param crop whether the views are random parts of the image, or all of it
     * @param mirror whether half of them are mirrored
     * @param subset whether they are random subsets of the sentences, or all
     * @param threads workers that make batches ahead; the batches don't depend on it
     */
    public record Config(
            long seed,
            int batchSize,
            int chunk,
            StudyTexts.Reader reader,
            boolean crop,
            boolean mirror,
            boolean subset,
            int threads) {
        /** As sense.md has it. */
        static Config standard(long seed, int batchSize, int threads) {
            StudyTexts.Reader reader = StudyTexts.Reader.ofSentences(new StudyTexts.Limits(48, 24, 512));
            return new Config(seed, batchSize, batchSize, reader, true, true, true, threads);
        }
    }

    /**
     * @param rows of the data set that take part
     * @throws PerduraException INVALID_DATA if there are fewer rows than a batch needs
     */
    public SenseBatches(DataSet data, int[] rows, Config config) {
        SplitRows.requireBatch(rows.length, config.batchSize);
        this.data = data;
        this.rows = rows.clone();
        this.config = config;
        this.draws = new SenseDraws(config.seed);
        this.order = new MemoizeLast<>(epoch -> draws.order(epoch, rows.length));
        this.images = new StudyImages(data);
        this.prefetcher =
                new Prefetcher<>(config.threads, rows.length / config.batchSize, epoch -> epoch + 1, this::make);
    }

    @Override
    public long batchesPerEpoch() {
        return prefetcher.batchesPerEpoch();
    }

    @Override
    public SenseBatch batch(int epoch, long index) {
        return prefetcher.get(epoch, index);
    }

    @Override
    public Duration waited() {
        return prefetcher.waited();
    }

    @Override
    public void close() {
        prefetcher.close();
    }

    private SenseBatch make(int epoch, long index) {
        int[] studies = order.get(epoch);
        int from = Math.toIntExact(index * config.batchSize);
        int[] own = new int[config.batchSize];
        LongBuffer keys = DirectBuffers.longs(own.length);
        for (int i = 0; i < own.length; i++) {
            own[i] = rows[studies[from + i]];
            keys.put(i, own[i]);
        }
        return new SenseBatch(
                images.drawn(draws, epoch, own, SenseDraws.View.NORMAL, config.crop, config.mirror),
                images.drawn(draws, epoch, own, SenseDraws.View.MOMENTUM, config.crop, config.mirror),
                texts(epoch, own, SenseDraws.View.NORMAL),
                texts(epoch, own, SenseDraws.View.MOMENTUM),
                keys);
    }

    private List<StudyTexts> texts(int epoch, int[] own, SenseDraws.View view) {
        List<List<int[]>> reports = new ArrayList<>(own.length);
        for (int row : own) {
            int count = config.reader.count(data.sentenceCount(row));
            int[] kept = config.subset
                    ? draws.subset(epoch, data.sampleId(row), view, count)
                    : IntStream.range(0, count).toArray();
            reports.add(IntStream.of(kept)
                    .mapToObj(k -> data.sentenceTokens(data.sentence(row, k)))
                    .toList());
        }
        List<StudyTexts> chunks = new ArrayList<>();
        for (int from = 0; from < own.length; from += config.chunk) {
            chunks.add(config.reader.read(reports.subList(from, from + config.chunk)));
        }
        return chunks;
    }
}
