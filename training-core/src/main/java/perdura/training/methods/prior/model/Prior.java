package perdura.training.methods.prior.model;

import java.util.List;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.nn.AttentionPool;
import perdura.training.nn.Backbone;
import perdura.training.nn.Bert;
import perdura.training.nn.Init;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;

/**
 * PRIOR (prior.md 2): the layout of all its parameters, the same in every stage, and its modules.
 *
 * @param spec heads divide their widths, and a text fits the position table; else INVALID_SPEC
 * @param vocabulary number of WordPieces
 */
public record Prior(ModelSpec spec, int vocabulary) {
    public Prior {
        checkHeads(
                "bertHeads",
                spec.text().bert().heads(),
                "bertHidden",
                spec.text().bert().hidden());
        checkHeads(
                "imagePoolHeads",
                spec.image().imagePoolHeads(),
                "the image channels, 32 * resnetWidth,",
                spec.image().resnet().channels());
        checkHeads("sentencePoolHeads", spec.heads().sentencePoolHeads(), "dim", spec.dim());
        checkHeads("decoderHeads", spec.decoders().decoder().heads(), "dim", spec.dim());
        if (spec.textLength() > spec.text().bert().positions()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "model.textLength must be at most bertPositions, was " + spec.textLength() + " and "
                            + spec.text().bert().positions());
        }
    }

    private static void checkHeads(String name, int heads, String width, int channels) {
        if (heads < 1 || channels % heads != 0) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "model." + name + " must divide " + width + ", was " + heads + " and " + channels);
        }
    }

    static final String GLOBAL_SCALE = "global_log_scale";
    static final String LOCAL_SCALE = "local_log_scale";

    /** Stored logarithms of both contrastive scales. */
    public static final List<String> LOG_SCALES = List.of(GLOBAL_SCALE, LOCAL_SCALE);

    /** All parameters and buffers. */
    public StateDictLayout layout() {
        StateDictLayout layout = new StateDictLayout();
        LOG_SCALES.forEach(scale -> layout.parameter(scale, Init.constant(Math.log(1 / spec.tau()))));
        backbone().declare(layout);
        imagePool().declare(layout);
        bert().declare(layout);
        tokenPool().declare(layout);
        sentencePool().declare(layout);
        declareProjections(layout);
        lam().declare(layout);
        predictor().declare(layout);
        bank().declare(layout);
        imageDecoder().declare(layout);
        sentenceDecoder().declare(layout);
        return layout;
    }

    /** Single linear layers, weights normal with std in^-0.5 (prior.md 2.4). */
    private void declareProjections(StateDictLayout layout) {
        declareProjection(layout, "image_global", spec.image().resnet().channels());
        declareProjection(layout, "image_local", spec.image().resnet().channels());
        declareProjection(layout, "text_local", spec.text().bert().hidden());
        if (spec.heads().globalTextProjection()) {
            declareProjection(layout, "text_global", spec.dim());
        }
    }

    private void declareProjection(StateDictLayout layout, String name, int in) {
        layout.linear("projection." + name, in, spec.dim(), Init.normal(1 / Math.sqrt(in)), Init.fanIn(in));
    }

    Backbone backbone() {
        return new Backbone(
                "image.backbone",
                spec.image().resnet().blocks(),
                spec.image().resnet().width());
    }

    AttentionPool imagePool() {
        return new AttentionPool(
                "image.attention_pool",
                spec.image().resnet().channels(),
                spec.image().imagePoolHeads(),
                spec.patches());
    }

    Bert bert() {
        return new Bert(
                "text.bert",
                vocabulary,
                spec.text().bert().hidden(),
                spec.text().bert().layers(),
                spec.text().bert().heads(),
                spec.text().bert().ffn(),
                spec.text().bert().positions(),
                spec.text().dropout());
    }

    TokenPool tokenPool() {
        return new TokenPool(
                "text.token_pool",
                spec.dim(),
                spec.heads().tokenPoolDim(),
                spec.heads().gather());
    }

    AttentionPool sentencePool() {
        return new AttentionPool("text.sentence_pool", spec.dim(), spec.heads().sentencePoolHeads(), 0);
    }

    LocalAlignment lam() {
        return new LocalAlignment("lam", spec.dim(), spec.heads().lamActivation());
    }

    Predictor predictor() {
        return new Predictor("predictor", spec.dim(), spec.heads().predictorDim());
    }

    PrototypeBank bank() {
        return new PrototypeBank("spb", spec.prototypes(), spec.dim(), spec.spb());
    }

    ImageDecoder imageDecoder() {
        return new ImageDecoder(
                "image_decoder", spec.dim(), spec.grid(), spec.decoders().imageDecoderChannels(), spec.ccr());
    }

    SentenceDecoder sentenceDecoder() {
        return new SentenceDecoder(
                "sentence_decoder",
                spec.queries(),
                spec.dim(),
                spec.decoders().decoder().layers(),
                spec.decoders().decoder().heads(),
                spec.decoders().decoder().ffn(),
                spec.text().dropout());
    }

    /**
     * SimSiam's predictor (prior.md 2.6). Its function {@code predictor} takes [..., dim] to [..., dim].
     *
     * @param name prefix of its parameters
     */
    record Predictor(String name, int dim, int hidden) {
        void declare(StateDictLayout layout) {
            layout.linear(name + ".fc1", dim, hidden, Init.normal(1 / Math.sqrt(dim)), Init.fanIn(dim));
            layout.linear(name + ".fc2", hidden, dim);
        }

        void write(ScriptBuilder program) {
            program.function(
                    "predictor",
                    "x: Tensor",
                    "Tensor",
                    "return %s\n"
                            .formatted(program.linear(
                                    name + ".fc2", "torch.relu(" + program.linear(name + ".fc1", "x") + ")")));
        }
    }
}
