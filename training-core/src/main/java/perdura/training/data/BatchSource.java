package perdura.training.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.seeds.Seeds;
import perdura.training.text.EncodedReport;
import perdura.training.text.Vocabulary;
import perdura.training.text.WordPieceTokenizer;

/**
 * The batches of a training. A batch is a function of the run seed, stage, epoch and index alone: the studies of an epoch
 * come in the order {@code Stream(hash64(seed, "order", stage, epoch)).permutation(n)}, the last part batch is dropped, and
 * every other draw is one of {@link StudyDraws}. Worker threads prepare the batches that follow the one asked for. For one
 * calling thread.
 */
public final class BatchSource implements AutoCloseable {
    private final List<Study> studies;
    private final List<List<int[]>> sentenceIds;
    private final BatchConfig config;
    private final ImagePipeline images;
    private final ExecutorService workers;
    private final Map<Place, Future<Batch>> ahead = new LinkedHashMap<>();
    private EpochOrder order;

    /** @throws PerduraException INVALID_DATA if there are fewer studies than a batch needs */
    public BatchSource(StudyIndex index, BatchConfig config) {
        if (index.studies().size() < config.batchSize()) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "the data set has " + index.studies().size() + " studies for a batchSize of " + config.batchSize()
                            + "; batchSize must be at most the number of studies");
        }
        this.studies = index.studies();
        this.config = config;
        this.images = new ImagePipeline(config.imageSize(), config.cacheBytes());
        this.sentenceIds = tokenize(studies, index.vocabulary());
        this.order = orderOf(1, 0);
        this.workers = Executors.newFixedThreadPool(config.threads(), task -> {
            Thread thread = new Thread(task, "perdura-batches");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Full batches of an epoch. */
    public long batchesPerEpoch() {
        return studies.size() / config.batchSize();
    }

    /**
     * Waits for a batch and has the following ones prepared.
     *
     * @param index from 0, below {@link #batchesPerEpoch}
     * @throws PerduraException INVALID_DATA that names the file, if an image can't be decoded
     */
    public Batch batch(int stage, int epoch, long index) {
        if (index < 0 || index >= batchesPerEpoch()) {
            throw new IllegalArgumentException("index must be in [0, " + batchesPerEpoch() + "), was " + index);
        }
        List<Place> wanted = new ArrayList<>();
        Place place = new Place(stage, epoch, index);
        for (int i = 0; i <= config.threads(); i++) {
            wanted.add(place);
            place = following(place);
        }
        ahead.entrySet().removeIf(entry -> {
            boolean unwanted = !wanted.contains(entry.getKey());
            if (unwanted) {
                entry.getValue().cancel(false);
            }
            return unwanted;
        });
        wanted.forEach(w -> ahead.computeIfAbsent(w, this::submit));
        return await(Objects.requireNonNull(ahead.remove(wanted.get(0))));
    }

    /** Stops the workers. */
    @Override
    public void close() {
        workers.shutdownNow();
    }

    private Place following(Place place) {
        return place.index + 1 < batchesPerEpoch()
                ? new Place(place.stage, place.epoch, place.index + 1)
                : new Place(place.stage, place.epoch + 1, 0);
    }

    private Future<Batch> submit(Place place) {
        if (order.stage != place.stage || order.epoch != place.epoch) {
            order = orderOf(place.stage, place.epoch);
        }
        int[] own = new int[config.batchSize()];
        System.arraycopy(order.studies, Math.toIntExact(place.index * own.length), own, 0, own.length);
        return workers.submit(() -> assemble(place, own));
    }

    private EpochOrder orderOf(int stage, int epoch) {
        return new EpochOrder(
                stage, epoch, Seeds.stream(config.seed(), "order", stage, epoch).permutation(studies.size()));
    }

    private Batch assemble(Place place, int[] own) {
        List<EncodedReport> reports = new ArrayList<>(own.length);
        int pixels = config.imageSize() * config.imageSize();
        FloatBuffer imageBuffer = floats(own.length * pixels);
        for (int row = 0; row < own.length; row++) {
            Study study = studies.get(own[row]);
            StudyDraws draws = new StudyDraws(config.seed(), place.stage, place.epoch, study.studyId());
            images.write(
                    study.images().get(draws.image(study.images().size())),
                    draws.rotation(config.augment().rotationDegrees()),
                    config.augment().hflip() && draws.mirrored(),
                    imageBuffer,
                    row * pixels);
            reports.add(report(sentenceIds.get(own[row]), draws));
        }
        return withTexts(imageBuffer, reports);
    }

    private EncodedReport report(List<int[]> sentences, StudyDraws draws) {
        if (!config.augment().shuffleSentences()) {
            return EncodedReport.of(sentences, config.maxTextLength());
        }
        List<int[]> shuffled = new ArrayList<>(sentences.size());
        for (int k : draws.sentenceOrder(sentences.size())) {
            shuffled.add(sentences.get(k));
        }
        return EncodedReport.of(shuffled, config.maxTextLength());
    }

    private static Batch withTexts(FloatBuffer images, List<EncodedReport> reports) {
        int size = reports.size();
        int length = reports.stream().mapToInt(EncodedReport::length).max().orElseThrow();
        LongBuffer ids = longs(size * length);
        LongBuffer mask = longs(size * length);
        LongBuffer map = longs(size * length);
        for (int row = 0; row < size; row++) {
            EncodedReport report = reports.get(row);
            for (int i = 0; i < length; i++) {
                boolean text = i < report.length();
                ids.put(row * length + i, text ? report.id(i) : Vocabulary.PAD);
                mask.put(row * length + i, text ? 1 : 0);
                map.put(row * length + i, text ? report.sentence(i) : -1);
            }
        }
        return new Batch(size, length, images, ids, mask, map);
    }

    private static List<List<int[]>> tokenize(List<Study> studies, Vocabulary vocabulary) {
        WordPieceTokenizer tokenizer = new WordPieceTokenizer(vocabulary);
        return studies.stream()
                .map(study ->
                        study.sentences().stream().map(tokenizer::tokenize).toList())
                .toList();
    }

    private static Batch await(Future<Batch> batch) {
        try {
            return batch.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "interrupted while waiting for a batch", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PerduraException known) {
                throw new PerduraException(known.code(), String.valueOf(known.getMessage()), e);
            }
            throw new PerduraException(ErrorCode.INTERNAL, "a batch could not be made: " + e.getCause(), e);
        }
    }

    private static FloatBuffer floats(int count) {
        return bytes(Math.multiplyExact(count, Float.BYTES)).asFloatBuffer();
    }

    private static LongBuffer longs(int count) {
        return bytes(Math.multiplyExact(count, Long.BYTES)).asLongBuffer();
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocateDirect(count).order(ByteOrder.nativeOrder());
    }

    /** Names a batch. */
    private record Place(int stage, int epoch, long index) {}

    /** The order of one epoch's studies. */
    private static final class EpochOrder {
        private final int stage;
        private final int epoch;
        private final int[] studies;

        EpochOrder(int stage, int epoch, int[] studies) {
            this.stage = stage;
            this.epoch = epoch;
            this.studies = studies;
        }
    }
}
