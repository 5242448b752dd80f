package perdura.datasets.data;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import perdura.grids.spec.PerduraException;

/**
 * The batches of SENSE's pre-training: each study once an epoch in the order of {@link SenseDraws#order}, the last part batch
 * dropped; two crops of one of its images, and two subsets of its sentences. A batch is a function of the run seed, the epoch
 * and its index alone. For one calling thread.
 */
public final class SenseBatches extends DataLoader<SenseBatch> {
    private final DataSet data;
    private final int[] rows;
    private final Config config;
    private final SenseDraws draws;
    private final StudyImages images;

    /**
     * What decides the batches, and what they may cost.
     *
     * @param seed the run seed
     * @param chunk studies that run through the encoders at a time, a divisor of the batch size
     * @param reader how reports are read
     * @param crop whether the views are random parts of the image, or its deterministic view
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
        public Config {
            if (chunk < 1 || batchSize % chunk != 0) {
                throw new IllegalArgumentException(
                        "batches need chunk >= 1 and a batchSize that is a multiple of it, was " + chunk + ", "
                                + batchSize);
            }
        }

        /** As sense.md has it. */
        static Config standard(long seed, int batchSize, int threads) {
            StudyTexts.Reader reader = StudyTexts.Reader.ofSentences(StudyTexts.Limits.STANDARD);
            return new Config(seed, batchSize, batchSize, reader, true, true, true, threads);
        }
    }

    /**
     * @param rows of the data set that take part
     * @throws PerduraException INVALID_DATA if there are fewer rows than a batch needs
     */
    public SenseBatches(DataSet data, int[] rows, Config config) {
        super(rows.length, config.batchSize, rows.length / config.batchSize, config.threads);
        SplitRows.requireBatch(rows.length, config.batchSize);
        this.data = data;
        this.rows = rows.clone();
        this.config = config;
        this.draws = new SenseDraws(config.seed);
        this.images = new StudyImages(data);
    }

    @Override
    int[] order(int epoch, int samples) {
        return draws.order(epoch, samples);
    }

    @Override
    SenseBatch make(int epoch, int[] places) {
        int[] own = new int[places.length];
        LongBuffer keys = DirectBuffers.longs(own.length);
        for (int i = 0; i < own.length; i++) {
            own[i] = rows[places[i]];
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
