package perdura.training.methods.prior.figure;

import java.awt.font.FontRenderContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.figure.Picture;
import perdura.training.figure.StripChart;
import perdura.training.figure.Style;
import perdura.training.figure.WholeFile;
import perdura.training.methods.prior.model.EncodedTexts;
import perdura.training.torch.StepScope;

/**
 * Draws pictures into a folder.
 *
 * @param folder is made if it is not there
 */
record PriorFigures(Path folder) {
    /** @throws PerduraException INVALID_SPEC if this machine has no fonts */
    PriorFigures {
        requireFonts();
    }

    /** Without fonts the JDK throws this and that when the first letter is drawn. */
    private static void requireFonts() {
        try {
            Style.LABEL.getStringBounds("a", new FontRenderContext(null, true, true));
        } catch (RuntimeException | Error e) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "this machine has no fonts to draw letters with; install fontconfig and a font, on Debian:"
                            + " apt-get install fontconfig fonts-dejavu-core",
                    e);
        }
    }

    /**
     * Draws one, as PNG, and as SVG where it has no images.
     *
     * @param source of a stage that the figure can show
     * @param withoutBank of an earlier stage without the bank, for {@link PriorFigure#SENTENCES}; null: the source before its bank is asked
     * @return the files, the PNG first
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if the folder can't be written; INVALID_DATA if the data
     *     set has too little for it
     */
    List<Path> draw(PriorFigure figure, FigureSource source, @Nullable FigureSource withoutBank) {
        return switch (figure) {
            case SENTENCES -> {
                SentenceMap map = new SentencePoints(source, withoutBank).map();
                Path table = folder.resolve(figure.fileName() + ".csv");
                WholeFile.write(
                        table, Picture.REMEDY, out -> out.write(map.table().getBytes(StandardCharsets.UTF_8)));
                yield List.of(png(figure, map.picture()), svg(figure, map.picture()), table);
            }
            case QUERIES -> strips(figure, QueryStrips.chart(source));
            case ATTENTION ->
                List.of(png(figure, new AttentionMaps(source).grid().picture()));
            case RECONSTRUCTIONS ->
                List.of(png(figure, new Reconstructions(source).images().picture()));
            case PROTOTYPES -> strips(figure, new Reconstructions(source).prototypes());
        };
    }

    private List<Path> strips(PriorFigure figure, StripChart chart) {
        return List.of(png(figure, chart.picture()), svg(figure, chart.picture()));
    }

    private Path png(PriorFigure figure, Picture picture) {
        Path file = folder.resolve(figure.fileName() + ".png");
        picture.writePng(file);
        return file;
    }

    private Path svg(PriorFigure figure, Picture picture) {
        Path file = folder.resolve(figure.fileName() + ".svg");
        picture.writeSvg(file);
        return file;
    }

    /** Figure 2 (prior.md 5): softmax(x E^T) of sentences in groups of the same meaning. */
    private static final class QueryStrips {
        /** Four groups, with words that synthetic reports have too. */
        static final List<List<String>> SYNONYMS = List.of(
                List.of("the heart is enlarged.", "there is cardiomegaly.", "enlargement of the cardiac silhouette."),
                List.of(
                        "there is a right pleural effusion.",
                        "right pleural effusion is seen.",
                        "right effusion is present."),
                List.of(
                        "the mediastinal contours are normal.",
                        "mediastinal contours are unremarkable.",
                        "normal mediastinal contours."),
                List.of(
                        "there is a right apical pneumothorax.",
                        "right apical pneumothorax is seen.",
                        "right apical pneumothorax is present."));

        private QueryStrips() {}

        static StripChart chart(FigureSource source) {
            List<StripChart.Row> rows = new ArrayList<>();
            try (StepScope scope = source.torch().newStep()) {
                List<List<String>> alone =
                        SYNONYMS.stream().flatMap(List::stream).map(List::of).toList();
                EncodedTexts texts = source.model().prompts(scope, source.data().vocabulary(), alone);
                double[] weights = source.model()
                        .inference()
                        .prototypeWeights(scope, texts, 1)
                        .toDoubles();
                int prototypes = weights.length / alone.size();
                int sentence = 0;
                for (List<String> group : SYNONYMS) {
                    if (sentence > 0) {
                        rows.add(StripChart.Row.GAP);
                    }
                    for (String text : group) {
                        rows.add(new StripChart.Row(
                                text, Arrays.copyOfRange(weights, sentence * prototypes, (sentence + 1) * prototypes)));
                        sentence++;
                    }
                }
            }
            return new StripChart(
                    "Which prototypes sentences of one meaning ask for",
                    "softmax of the products with the bank's rows, without noise; stage "
                            + source.stage().stage(),
                    rows,
                    "weight",
                    1);
        }
    }
}
