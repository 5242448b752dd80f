package perdura.training.methods.sense;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.stream.LongStream;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.SenseDraws;
import perdura.datasets.data.StudyImages;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.training.methods.sense.model.ReportTensors;
import perdura.training.methods.sense.model.SenseEncoder;
import perdura.training.methods.sense.model.StudyFeatures;
import perdura.training.methods.sense.spec.ClusterSpec;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * Features of studies by the momentum networks (sense.md 3a): deterministic views of their images, all their sentences, each distinct one
 * encoded once. What a pass gives depends on the weights and on its studies alone.
 */
final class FeaturePass {
    private final PretrainSpec spec;
    private final ClusterSpec clusters;
    private final SenseJob.Studies studies;
    private final SenseEncoder encoder;
    private final Torch torch;
    private final Runnable alive;

    /** @param alive called after each piece of work */
    FeaturePass(PretrainSpec spec, SenseJob.Studies studies, SenseEncoder encoder, Torch torch, Runnable alive) {
        this.spec = spec;
        this.clusters = SenseSpec.of(spec).clusters();
        this.studies = studies;
        this.encoder = encoder;
        this.torch = torch;
        this.alive = alive;
    }

    /**
     * Computes features.
     *
     * @param epoch decides the images, where not all count
     * @param step optimiser steps that are done when the epoch begins
     * @param rows of the data set, at least one
     * @return [N, width], rounded to float32
     * @throws PerduraException TRAINING_DIVERGED, naming study and step, if a feature is not finite
     */
    float[] run(int epoch, long step, int[] rows) {
        int width = clusters.width(SenseSpec.of(spec).model().dim());
        float[] features;
        try (StepScope scope = torch.newStep();
                StudyFeatures joined = new StudyFeatures(torch, clusters.fusion())) {
            Tensor texts = texts(scope, rows);
            long[][] images =
                    Arrays.stream(rows).mapToObj(row -> images(epoch, row)).toArray(long[][]::new);
            long[] all = Arrays.stream(images).flatMapToLong(Arrays::stream).toArray();
            Tensor keys = keys(scope, all);
            features = new float[rows.length * width];
            joined.of(scope, keys, places(scope, images, all.length), texts)
                    .toFloats()
                    .get(features);
        }
        requireFinite(epoch, step, rows, features);
        return features;
    }

    private long[] images(int epoch, int row) {
        DataSet data = studies.data();
        long first = data.firstImage(row);
        int count = data.imageCount(row);
        return clusters.studyImages() == ClusterSpec.StudyImages.ALL
                ? LongStream.range(first, first + count).toArray()
                : new long[] {first + new SenseDraws(spec.seed()).pick(epoch, data.sampleId(row), count)};
    }

    /** z_hat^t of the studies' reports [N, D]. Sentences leave the device bucket by bucket: all of them may be too many for it. */
    private Tensor texts(StepScope scope, int[] rows) {
        int width = SenseSpec.of(spec).model().text().bert().hidden();
        try (StepScope inputs = torch.newStep()) {
            ReportTensors reports = StudyTensors.texts(inputs, studies.reader().read(studies.data(), rows));
            int sentences = reports.ids().stream().mapToInt(FeaturePass::count).sum();
            FloatBuffer vectors = FloatBuffer.allocate(Math.multiplyExact(sentences, width));
            for (int bucket = 0; bucket < reports.ids().size(); bucket++) {
                try (StepScope part = torch.newStep()) {
                    vectors.put(encoder.sentences(
                                    part,
                                    reports.ids().get(bucket),
                                    reports.masks().get(bucket))
                            .toFloats());
                }
                alive.run();
            }
            Tensor sentenceVectors = inputs.floats(vectors.flip(), sentences, width);
            Tensor keys = encoder.crossReports(inputs, encoder.reports(inputs, sentenceVectors, reports.places()));
            return scope.floats(
                    keys.toFloats(), keys.shape().get(0), keys.shape().get(1));
        }
    }

    private static int count(Tensor rows) {
        return Math.toIntExact(rows.shape().get(0));
    }

    /** z_hat^v of images [J, D]. */
    private Tensor keys(StepScope scope, long[] images) {
        StudyImages source = new StudyImages(studies.data());
        int dim = SenseSpec.of(spec).model().dim();
        Integer chunk = spec.microBatchSize();
        int size = chunk == null ? spec.batchSize() : chunk; // what a step bears with gradients
        FloatBuffer keys = FloatBuffer.allocate(Math.multiplyExact(images.length, dim));
        for (int from = 0; from < images.length; from += size) {
            long[] some = Arrays.copyOfRange(images, from, Math.min(from + size, images.length));
            try (StepScope part = torch.newStep()) {
                Tensor views = StudyTensors.images(part, source.plain(some), 0, some.length, source.side());
                keys.put(encoder.crossImages(part, encoder.images(part, views)).toFloats());
            }
            alive.run();
        }
        return scope.floats(keys.flip(), images.length, dim);
    }

    /** Which image is a study's first, second and so on [N, M]. */
    private static Tensor places(StepScope scope, long[][] images, int count) {
        int most = Arrays.stream(images).mapToInt(own -> own.length).max().orElseThrow();
        LongBuffer places = LongBuffer.allocate(images.length * most);
        long next = 0;
        for (long[] own : images) {
            for (int i = 0; i < most; i++) {
                places.put(i < own.length ? next++ : count);
            }
        }
        return scope.longs(places.flip(), images.length, most);
    }

    private void requireFinite(int epoch, long step, int[] rows, float[] features) {
        int width = features.length / rows.length;
        for (int at = 0; at < features.length; at++) {
            if (!Float.isFinite(features[at])) {
                int row = rows[at / width];
                throw new PerduraException(
                        ErrorCode.TRAINING_DIVERGED,
                        "the feature of study " + studies.data().sampleId(row) + " (row " + row
                                + ") before epoch " + epoch + ", after " + step
                                + " steps, must be finite, its coordinate " + at % width + " was " + features[at]
                                + "; a lower learningRate may help");
            }
        }
    }
}
