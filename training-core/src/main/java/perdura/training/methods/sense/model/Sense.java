package perdura.training.methods.sense.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import perdura.grids.spec.BertSpec;
import perdura.training.methods.sense.spec.ModelSpec;
import perdura.training.nn.Bert;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptOps;
import perdura.training.nn.StateDictLayout;
import perdura.training.optim.ParameterGroup;

/**
 * SENSE (sense.md 2): the layout of all its parameters, and its modules. The normal and the momentum network are both of this layout.
 *
 * @param vocabulary number of WordPieces
 */
public record Sense(ModelSpec spec, int vocabulary) {
    /** Of an image: the same grey three times, each normalised. */
    public static final int PLANES = 3;

    private static final String BERT = "text.bert";

    /** The projectors of images and reports into one space. */
    enum Space {
        /** p_cro. */
        CROSS("crossHead"),
        /** p_uni. */
        UNI("uniHead");

        private final String head;

        Space(String head) {
            this.head = head;
        }
    }

    /** All parameters and buffers. BERT's pooler is among them and unused. */
    public StateDictLayout layout() {
        StateDictLayout layout = new StateDictLayout();
        imageEncoder().declare(layout);
        declareHeads(layout, "image", spec.image().features());
        bert().declare(layout);
        declareHeads(layout, "text", spec.text().bert().hidden());
        return layout;
    }

    private void declareHeads(StateDictLayout layout, String side, int width) {
        for (Space space : spaces()) {
            layout.linear(side + "." + space.head + ".0", width, width);
            layout.linear(side + "." + space.head + ".2", width, spec.dim());
        }
    }

    /** The spaces that the spec has projectors for. */
    List<Space> spaces() {
        return spec.uniProjectors() ? List.of(Space.CROSS, Space.UNI) : List.of(Space.CROSS);
    }

    /** The encoder of images, as downstream tasks take it over. */
    public ImageEncoder imageEncoder() {
        return new ImageEncoder(
                spec.image().resnetBlock(),
                spec.image().resnet().blocks(),
                spec.image().resnet().width(),
                PLANES);
    }

    Bert bert() {
        BertSpec bert = spec.text().bert();
        return new Bert(
                BERT,
                vocabulary,
                bert.hidden(),
                bert.layers(),
                bert.heads(),
                bert.ffn(),
                bert.positions(),
                spec.text().dropout());
    }

    /** The parameters that stay as they are (sense.md 2), first; biases and LayerNorm weights do not decay. */
    public List<ParameterGroup> groups() {
        return List.of(
                new ParameterGroup(frozen(), 1, null, true),
                new ParameterGroup(Pattern.compile(".*(\\.bias|LayerNorm\\.weight)"), 1, 0.0, false),
                new ParameterGroup(Pattern.compile(".*"), 1, null, false));
    }

    /** Whether a parameter stays as it is. */
    public boolean isFrozen(String name) {
        return frozen().matcher(name).matches();
    }

    private Pattern frozen() {
        List<String> parts = new ArrayList<>();
        if (spec.text().frozenEmbeddings()) {
            parts.add("embeddings");
        }
        IntStream.range(0, spec.text().frozenLayers()).forEach(layer -> parts.add("encoder\\.layer\\." + layer));
        return Pattern.compile(parts.stream()
                .map(part -> Pattern.quote(BERT + ".") + part + "\\..*")
                .collect(Collectors.joining("|"))
                .transform(all -> all.isEmpty() ? "(?!)" : all));
    }

    /**
     * Writes what encodes: {@code features} takes images [B, 3, S, S] to v [B, dv]; {@code sentences} takes ids and mask [S, T] to
     * sentence vectors [S, dt]; {@code reports} takes sentence vectors and places to t [B, dt]; {@code texts} is both, of sentences in
     * groups of about the same length.
     */
    void writeEncoders(ScriptBuilder program) {
        imageEncoder().write(program);
        bert().write(program);
        new TextPooling(spec.text().poolSpecials()).write(program);
        program.function(
                "sentences",
                "ids: Tensor, mask: Tensor",
                "Tensor",
                "return (self.token_max(p, self.bert(p, ids, mask), mask))[0]\n");
        program.function(
                "reports",
                "sentences: Tensor, places: Tensor",
                "Tensor",
                "return (self.sentence_max(p, sentences, places))[0]\n");
        program.function("texts", "ids: List[Tensor], masks: List[Tensor], places: Tensor", "Tensor", """
                parts = annotate(List[Tensor], [])
                for i in range(torch.len(ids)):
                  _0 = torch.append(parts, self.sentences(p, ids[i], masks[i]))
                return self.reports(p, torch.cat(parts), places)
                """);
    }

    /** Writes {@code image_SPACE} and {@code text_SPACE}: v and t to unit vectors [B, D]. */
    void writeHead(ScriptBuilder program, Space space) {
        ScriptOps.writeUnit(program);
        for (String side : List.of("image", "text")) {
            String head = side + "." + space.head;
            program.function(
                    side + "_" + space.name().toLowerCase(Locale.ROOT),
                    "x: Tensor",
                    "Tensor",
                    "return self.unit(p, %s)\n"
                            .formatted(program.linear(
                                    head + ".2", "torch.relu(" + program.linear(head + ".0", "x") + ")")));
        }
    }
}
