package perdura.training.methods.prior.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.Overlong;
import perdura.grids.spec.ResnetSpec;

/**
 * Sizes and switches of PRIOR (prior.md 1.5, 2). Names follow its specification.
 *
 * @param prototypes rows of the sentence prototype bank
 * @param tau initial temperature of both contrastive scales, in (0, 1]
 * @param maxScale what both scales are capped at after every step, at least 1
 */
public record ModelSpec(
        Image image,
        Text text,
        Heads heads,
        int prototypes,
        Decoders decoders,
        double tau,
        double maxScale,
        SpbSpec spb,
        CcrSpec ccr) {
    /**
     * What reads images.
     *
     * @param imageSize side of the square input, pixels, a multiple of 32
     * @param imagePoolHeads of the attention pool, a divisor of the ResNet's channels
     */
    public record Image(int imageSize, ResnetSpec resnet, int imagePoolHeads) {}

    /**
     * What reads reports.
     *
     * @param textLength tokens of a report with [CLS] and [SEP]
     * @param overlong how a report of more tokens is cut
     * @param dropout share of BERT's values that are dropped in training, in [0, 1)
     */
    public record Text(int textLength, Overlong overlong, BertSpec bert, double dropout) {}

    /**
     * What leads both into the joint space, and aligns them there.
     *
     * @param dim joint width d
     * @param gather token-to-sentence pooling
     * @param globalTextProjection whether gT follows the sentence pool
     * @param lamActivation what turns LAM's logits into weights
     * @param predictorDim inner width of SimSiam's predictor
     */
    public record Heads(
            int dim,
            Gather gather,
            int tokenPoolDim,
            int sentencePoolHeads,
            boolean globalTextProjection,
            LamActivation lamActivation,
            int predictorDim) {}

    /**
     * What reconstructs images and prototypes.
     *
     * @param queries of the sentence decoder: most sentences of a report that take part
     * @param imageDecoderChannels of the five blocks
     */
    public record Decoders(int queries, SentenceDecoder decoder, List<Integer> imageDecoderChannels) {
        public Decoders {
            imageDecoderChannels = List.copyOf(imageDecoderChannels);
        }

        /** Sizes of the transformer that predicts prototypes. */
        public record SentenceDecoder(int layers, int heads, int ffn) {}
    }

    /** Token-to-sentence pooling. */
    public enum Gather {
        ATTENTION,
        MEAN
    }

    /** What turns LAM's logits into weights. */
    public enum LamActivation {
        SIGMOID,
        SOFTMAX
    }

    /** Side of the images. */
    public int imageSize() {
        return image.imageSize;
    }

    /** Tokens of a report. */
    public int textLength() {
        return text.textLength;
    }

    /** Joint width d. */
    public int dim() {
        return heads.dim;
    }

    /** Queries of the sentence decoder. */
    public int queries() {
        return decoders.queries;
    }

    /** First sentences of a report that take part in a stage with reconstruction. */
    public int sentenceLimit() {
        Integer limit = ccr.sentenceLimit();
        return limit == null ? queries() : limit;
    }

    /** Side of the patch grid: 7 at 224. */
    public int grid() {
        return imageSize() / 32;
    }

    /** Patches of an image: 49 at 224. */
    public int patches() {
        return grid() * grid();
    }

    /**
     * Switches of PRIOR's sentence prototype bank (prior.md 2.7).
     *
     * @param init first rows of the bank
     * @param initReports training reports whose sentences {@code SENTENCE_KMEANS} reads at least, at least 1
     * @param initRounds rounds of k-means that {@code SENTENCE_KMEANS} makes, at least 1
     * @param query how a query's weights become its output
     * @param tauSchedule how the temperature falls over the stages that use the bank
     * @param tauStart temperature of their first step, in (0, 100]
     * @param tauEnd temperature after their last step, in (0, 100]; unused by {@code FIXED}
     * @param evaluationTau temperature without noise, in evaluation and for the figures of how the bank is used
     * @param lossMean what L_proto is the mean over
     */
    public record SpbSpec(
            Init init,
            int initReports,
            int initRounds,
            Query query,
            TauSchedule tauSchedule,
            double tauStart,
            double tauEnd,
            double evaluationTau,
            LossMean lossMean) {
        /** First rows of the bank. */
        public enum Init {
            /** Standard normal rows, each divided by its L1 norm. */
            GAUSSIAN_L1,
            /** Standard normal rows. */
            GAUSSIAN,
            /** At the start of the first stage that uses the bank: centres of the training sentences' vectors; not PRIOR's. */
            SENTENCE_KMEANS
        }

        /** How a query's weights become its output. */
        public enum Query {
            /** The mix of all rows by weight. */
            SOFT,
            /** The row of the greatest weight, with the gradient of the mix (straight-through); not PRIOR's. */
            HARD
        }

        /** How the temperature falls with p, the share of steps that are done. */
        public enum TauSchedule {
            /** start (end/start)^p. */
            EXPONENTIAL,
            /** start - (start - end) p. */
            LINEAR,
            /** start. */
            FIXED
        }

        /** What L_proto is the mean over. */
        public enum LossMean {
            /** All sentences of the batch alike. */
            SENTENCES,
            /** The sentences of a report, and then the reports. */
            REPORTS
        }
    }

    /**
     * Switches of PRIOR's conditional reconstruction (prior.md 2.8).
     *
     * @param mask what of the image embedding is hidden from the image decoder in training
     * @param maskProbability share that is hidden, in [0, 1)
     * @param block order of the layers in the image decoder's blocks
     * @param detachPatches whether L_img leaves patches and text evidence alone
     * @param detachTargets whether L_spg and L_kl leave their targets alone
     * @param requeryNoise the noise with which L_gpa asks the bank for the predicted prototypes, in training
     * @param sentenceLimit first sentences of a report that take part, from 1 to the model's queries; null for as many as there are queries
     */
    public record CcrSpec(
            Mask mask,
            double maskProbability,
            Block block,
            boolean detachPatches,
            boolean detachTargets,
            RequeryNoise requeryNoise,
            @Nullable Integer sentenceLimit) {
        /** What is hidden. */
        public enum Mask {
            /** Channels, in all patches. */
            CHANNEL,
            /** Patches, in all channels. */
            SPATIAL_CELL
        }

        /** Order of a block's layers. */
        public enum Block {
            CONV_BN_RELU,
            CONV_RELU_BN
        }

        /** Noise of the re-query. */
        public enum RequeryNoise {
            /** Gumbel noise, drawn apart from that of the sentences. */
            OWN,
            /** None: the weights are those of the temperature alone. */
            NONE
        }
    }
}
