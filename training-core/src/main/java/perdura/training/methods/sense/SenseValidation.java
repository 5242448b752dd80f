package perdura.training.methods.sense;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.SplitRows;
import perdura.datasets.data.StudyImages;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.training.methods.sense.model.SenseEncoder;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.metric.PairRetrieval;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;

/**
 * S-CMC without a queue, over all held-out studies as one batch, and the recalls (sense.md 3e): of the normal networks, a study's first image
 * and all its sentences, as they are. No draw is made.
 */
final class SenseValidation {
    private final SenseJob.Studies studies;
    private final int[] rows;
    private final @Nullable String whyNone;
    private final int batchSize;
    private final double tau;
    private final int dim;

    private SenseValidation(PretrainSpec spec, SenseJob.Studies studies, int[] rows, @Nullable String whyNone) {
        this.studies = studies;
        this.rows = rows;
        this.whyNone = whyNone;
        this.batchSize = spec.batchSize();
        this.tau = SenseSpec.of(spec).losses().tau();
        this.dim = SenseSpec.of(spec).model().dim();
    }

    /** Held-out studies, spread evenly over the validate split; none where the training sees that split. */
    static SenseValidation of(PretrainSpec spec, SenseJob.Studies studies) {
        int pairs = spec.execution().validation().pairs();
        if (pairs == 0) {
            return new SenseValidation(spec, studies, new int[0], null);
        }
        if (spec.data().split() == DataSpec.Split.ALL) {
            return new SenseValidation(
                    spec,
                    studies,
                    new int[0],
                    "data.split: all trains on the validate split, so nothing is validated and no checkpoint is the best");
        }
        int[] all = SplitRows.validate(studies.data());
        int count = Math.min(pairs, all.length);
        if (count < 2) {
            return new SenseValidation(
                    spec,
                    studies,
                    new int[0],
                    "the validate split has " + all.length + " studies and validation.pairs is " + pairs
                            + ": less than two, so nothing is validated and no checkpoint is the best");
        }
        int[] rows = IntStream.range(0, count)
                .map(i -> all[Math.toIntExact((long) i * all.length / count)])
                .toArray();
        return new SenseValidation(spec, studies, rows, null);
    }

    /** Why nothing is validated, where it was asked for. */
    Optional<String> whyNone() {
        return Optional.ofNullable(whyNone);
    }

    /**
     * Measures.
     *
     * @param encoder of the normal networks; stays the caller's
     * @param alive called now and then
     */
    Map<String, Double> measure(Torch torch, Supplier<SenseEncoder> encoder, Runnable alive) {
        if (rows.length == 0) {
            return Map.of();
        }
        SenseEncoder normal = encoder.get();
        double[] images = images(torch, normal, alive);
        double[] reports = reports(torch, normal, alive);
        FloatBuffer cosines = FloatBuffer.allocate(rows.length * rows.length);
        double loss = 0;
        double[] columns = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            double row = 0;
            for (int j = 0; j < rows.length; j++) {
                double cosine = 0;
                for (int d = 0; d < dim; d++) {
                    cosine += images[i * dim + d] * reports[j * dim + d];
                }
                cosines.put(i * rows.length + j, (float) cosine);
                double term = Math.exp((cosine - 1) / tau); // a cosine is at most 1
                row += term;
                columns[j] += term;
                loss -= i == j ? 2 * (cosine - 1) / tau : 0;
            }
            loss += Math.log(row);
        }
        loss += Arrays.stream(columns).map(Math::log).sum();
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("validation/loss_cmc", loss / (2 * rows.length));
        PairRetrieval.of(cosines, rows.length, IntStream.range(0, rows.length).toArray())
                .metrics()
                .forEach((name, value) -> {
                    if (!name.endsWith("_merged")) {
                        metrics.put("validation/" + name, value);
                    }
                });
        return metrics;
    }

    /** z^v of the studies' first images [n, D]. */
    private double[] images(Torch torch, SenseEncoder normal, Runnable alive) {
        StudyImages images = new StudyImages(studies.data());
        double[] all = new double[rows.length * dim];
        forBatches((from, to) -> {
            long[] first = Arrays.stream(rows, from, to)
                    .mapToLong(studies.data()::firstImage)
                    .toArray();
            try (StepScope scope = torch.newStep()) {
                FloatBuffer pixels = images.plain(first);
                double[] found = normal.crossImages(
                                scope,
                                normal.images(scope, StudyTensors.images(scope, pixels, 0, to - from, images.side())))
                        .toDoubles();
                System.arraycopy(found, 0, all, from * dim, found.length);
            }
            alive.run();
        });
        return all;
    }

    /** z^t of their reports [n, D]. */
    private double[] reports(Torch torch, SenseEncoder normal, Runnable alive) {
        double[] all = new double[rows.length * dim];
        forBatches((from, to) -> {
            int[] some = Arrays.copyOfRange(rows, from, to);
            try (StepScope scope = torch.newStep()) {
                double[] found = normal.crossReports(
                                scope,
                                normal.reports(
                                        scope,
                                        StudyTensors.texts(
                                                scope, studies.reader().read(studies.data(), some))))
                        .toDoubles();
                System.arraycopy(found, 0, all, from * dim, found.length);
            }
            alive.run();
        });
        return all;
    }

    private interface Range {
        void run(int from, int to);
    }

    private void forBatches(Range work) {
        for (int from = 0; from < rows.length; from += batchSize) {
            work.run(from, Math.min(from + batchSize, rows.length));
        }
    }
}
