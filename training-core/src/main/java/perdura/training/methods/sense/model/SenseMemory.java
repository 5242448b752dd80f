package perdura.training.methods.sense.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.training.method.Method.StepMemory;
import perdura.training.methods.sense.spec.ModelSpec;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.nn.Backbone;
import perdura.training.nn.Bert;
import perdura.training.nn.StateDictLayout;

/**
 * What a training step needs. Weights (both networks, queues, centroids), gradients and moments are exact; activations are counted from the
 * shapes, for reports with as many and as long sentences as the model reads: those of MIMIC-CXR have about a sixth of that.
 */
public final class SenseMemory {
    private static final int FLOAT = 4;

    private SenseMemory() {}

    /**
     * Counts.
     *
     * @param batch studies of a step
     * @param chunk studies that run at a time; null for all
     */
    public static StepMemory of(Sense sense, SenseSpec spec, int batch, @Nullable Integer chunk) {
        StateDictLayout layout = sense.layout();
        long trained = FLOAT * layout.countNumbers(SenseStep.trained(sense, spec));
        long networks = 2 * layout.countNumbers(List.copyOf(layout.shapes().keySet()));
        int dim = spec.model().dim();
        long queues = (spec.model().uniProjectors() ? 4L : 2L) * spec.queueLength() * dim;
        long centroids = spec.lossWeights().mmc() > 0
                ? (long) spec.clusters().count() * spec.clusters().width(dim)
                : 0;
        int running = chunk == null ? batch : chunk;
        double image =
                (double) Sense.PLANES * spec.model().imageSize() * spec.model().imageSize();
        double losses =
                8.0 * (batch + spec.queueLength()) + 4.0 * spec.clusters().count() + 24.0 * dim;
        double activations = running * (images(spec.model()) + texts(sense)) + batch * (2 * image + losses);
        return new StepMemory(
                FLOAT * (networks + queues + centroids), trained, 2 * trained, FLOAT * Math.round(activations));
    }

    /** Of one image: what is kept, and about two of the greatest tensor that the backward pass goes through. */
    private static double images(ModelSpec spec) {
        double side = spec.imageSize();
        Backbone backbone = new Backbone(
                "",
                spec.image().resnetBlock(),
                spec.image().resnet().blocks(),
                spec.image().resnet().width(),
                Sense.PLANES);
        return backbone.savedNumbers(spec.imageSize())
                + 2.0 * spec.image().resnet().width() * side * side / 4;
    }

    /** Of one report: what its sentences keep in the layers that learn, and about two of the greatest tensor. */
    private static double texts(Sense sense) {
        ModelSpec.Text text = sense.spec().text();
        boolean isJoined = text.pooling() == ModelSpec.Pooling.MAX;
        int rows = isJoined ? 1 : text.sentences();
        int length = isJoined ? text.reportLength() : text.sentenceLength();
        Bert bert = sense.bert();
        double kept = (bert.layers() - text.frozenLayers()) * bert.savedNumbersPerLayer(length)
                + (text.frozenEmbeddings() ? 0 : bert.savedNumbersOfEmbeddings(length))
                + (double) bert.hidden() * length;
        double greatest = (double) bert.heads() * length * length;
        return rows * (kept + 2 * Math.max(greatest, (double) bert.ffn() * length));
    }
}
