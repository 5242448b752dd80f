package perdura.training.model;

import java.util.List;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ModelSpec;
import perdura.grids.spec.PerduraException;

/**
 * PRIOR (prior.md 2): the layout of all its parameters, those of the later stages too, and the forward pass of stage 1.
 *
 * @param spec heads divide their widths, and a text fits the position table; else INVALID_SPEC
 * @param vocabulary number of WordPieces
 */
public record Prior(ModelSpec spec, int vocabulary) {
    public Prior {
        checkHeads("bertHeads", spec.bertHeads(), "bertHidden", spec.bertHidden());
        checkHeads(
                "imagePoolHeads", spec.imagePoolHeads(), "the image channels, 32 * resnetWidth,", spec.imageChannels());
        checkHeads("sentencePoolHeads", spec.sentencePoolHeads(), "dim", spec.dim());
        checkHeads("decoderHeads", spec.decoderHeads(), "dim", spec.dim());
        if (spec.textLength() > spec.bertPositions()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "model.textLength must be at most bertPositions, was " + spec.textLength() + " and "
                            + spec.bertPositions());
        }
    }

    private static void checkHeads(String name, int heads, String width, int channels) {
        if (heads < 1 || channels % heads != 0) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "model." + name + " must divide " + width + ", was " + heads + " and " + channels);
        }
    }

    /** Stored logarithms of both contrastive scales; at most {@link #MAX_LOG_SCALE} after every step. */
    public static final List<String> LOG_SCALES = List.of("global_log_scale", "local_log_scale");

    /** ln 100 (prior.md 2.5). */
    public static final double MAX_LOG_SCALE = Math.log(100);

    /** All parameters and buffers. */
    public Layout layout() {
        Layout layout = new Layout();
        LOG_SCALES.forEach(scale -> layout.parameter(scale, Init.constant(Math.log(1 / spec.tau()))));
        backbone().declare(layout);
        imagePool().declare(layout);
        bert().declare(layout);
        tokenPool().declare(layout);
        sentencePool().declare(layout);
        declareProjections(layout);
        lam().declare(layout);
        predictor().declare(layout);
        layout.parameter("spb.prototypes", new Init(Init.Kind.NORMAL_UNIT_L1_ROWS, 1), spec.prototypes(), spec.dim());
        new ImageDecoder("image_decoder", spec.dim(), spec.imageDecoderChannels()).declare(layout);
        new SentenceDecoder("sentence_decoder", spec.queries(), spec.dim(), spec.decoderLayers(), spec.decoderFfn())
                .declare(layout);
        return layout;
    }

    /** Single linear layers, weights normal with std in^-0.5 (prior.md 2.4). */
    private void declareProjections(Layout layout) {
        declareProjection(layout, "image_global", spec.imageChannels());
        declareProjection(layout, "image_local", spec.imageChannels());
        declareProjection(layout, "text_local", spec.bertHidden());
        if (spec.globalTextProjection()) {
            declareProjection(layout, "text_global", spec.dim());
        }
    }

    private void declareProjection(Layout layout, String name, int in) {
        layout.linear("projection." + name, in, spec.dim(), Init.normal(1 / Math.sqrt(in)), Init.fanIn(in));
    }

    /**
     * The forward pass of stage 1 (prior.md 2.9). Its function {@code stage1} takes images [B, 1, S, S], ids,
     * attention mask and sentence map (int64 [B, L]) to the scalars total, L_glob, L_i2r, L_r2i;
     * {@code stage1_tensors} to v_g, V, x, s, t_g, A_s, A_v, V^, S^ and those four scalars.
     */
    public Program stage1(Program.Mode mode) {
        Program program = new Program(mode);
        backbone().write(program);
        imagePool().write(program, "image_pool");
        bert().write(program);
        tokenPool().write(program, "token_pool");
        sentencePool().write(program, "sentence_pool");
        lam().write(program);
        predictor().write(program);
        new GlobalLoss("global_log_scale").write(program);
        new LocalLosses("local_log_scale").write(program);
        new Stage1(spec).write(program);
        return program;
    }

    /** The image backbone alone: its function {@code backbone} takes [B, 1, S, S] to [B, C, S/32, S/32]. */
    public Program trunk(Program.Mode mode) {
        Program program = new Program(mode);
        backbone().write(program);
        return program;
    }

    /** The text encoder alone: its function {@code bert} takes ids and attention mask [B, L] to [B, L, hidden]. */
    public Program textTrunk(Program.Mode mode) {
        Program program = new Program(mode);
        bert().write(program);
        return program;
    }

    Backbone backbone() {
        return new Backbone("image.backbone", spec.resnetBlocks(), spec.resnetWidth());
    }

    AttentionPool imagePool() {
        return new AttentionPool("image.attention_pool", spec.imageChannels(), spec.imagePoolHeads(), spec.patches());
    }

    Bert bert() {
        return new Bert(
                "text.bert",
                vocabulary,
                spec.bertHidden(),
                spec.bertLayers(),
                spec.bertHeads(),
                spec.bertFfn(),
                spec.bertPositions(),
                spec.dropout());
    }

    TokenPool tokenPool() {
        return new TokenPool("text.token_pool", spec.dim(), spec.tokenPoolDim(), spec.gather());
    }

    AttentionPool sentencePool() {
        return new AttentionPool("text.sentence_pool", spec.dim(), spec.sentencePoolHeads(), 0);
    }

    LocalAlignment lam() {
        return new LocalAlignment("lam", spec.dim(), spec.lamActivation());
    }

    Predictor predictor() {
        return new Predictor("predictor", spec.dim(), spec.predictorDim());
    }
}
