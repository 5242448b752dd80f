package perdura.training.methods.prior.figure;

import java.awt.image.BufferedImage;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.datasets.data.DataSet;
import perdura.training.figure.ColourScale;
import perdura.training.figure.GreyPixels;
import perdura.training.figure.ImageGrid;
import perdura.training.methods.prior.model.EncodedTexts;
import perdura.training.methods.prior.model.PriorInference.EncodedImages;
import perdura.training.tasks.pair.FindingClasses;
import perdura.training.tasks.pair.Prompts;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/**
 * Figure 3 (prior.md 5): LAM's weights for "X is observed" over an image of each finding: A_s, which patches the sentence asks, and
 * A_v, which patches ask the sentence.
 */
record AttentionMaps(FigureSource source) {
    /** The findings of CheXpert 5x200. */
    private static final List<String> FINDINGS = FindingClasses.NAMES;

    ImageGrid grid() {
        int[] rows = rows();
        int side = source.imageSide();
        int grid = source.model().model().grid();
        List<BufferedImage> images = new ArrayList<>();
        List<double[]> ofSentence = new ArrayList<>();
        List<double[]> ofPatches = new ArrayList<>();
        try (StepScope scope = source.torch().newStep()) {
            FloatBuffer pixels = source.images(rows);
            Tensor batch = scope.floats(pixels, rows.length, 1, side, side);
            double[] values = batch.toDoubles();
            EncodedImages encoded = source.model().inference().encodeImages(scope, batch);
            EncodedTexts texts =
                    source.model().prompts(scope, source.data().vocabulary(), Prompts.OBSERVED.texts(FINDINGS));
            for (int i = 0; i < rows.length; i++) {
                images.add(GreyPixels.image(values, i * side * side, side));
                List<Tensor> maps = source.model().inference().localMaps(scope, encoded, texts, i);
                ofSentence.add(part(maps.get(0), i, grid * grid)); // [N, 1, P]
                ofPatches.add(part(maps.get(1), i, grid * grid)); // [N, P, 1]
            }
        }
        List<ImageGrid.Column> columns = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            String id = source.data().sampleId(rows[i]);
            String finding = FINDINGS.get(i);
            columns.add(new ImageGrid.Column(finding, isPositive(rows[i], finding) ? id : id + ", not labelled so"));
        }
        return new ImageGrid(
                "Where the local alignment looks for \u201cX is observed\u201d",
                "stage " + source.stage().stage() + "; one study of each finding",
                columns,
                List.of(
                        new ImageGrid.Row(List.of("image"), images, null, ""),
                        overlays(List.of("patches that", "the sentence", "asks (A_s)"), images, ofSentence),
                        overlays(List.of("patches that", "ask the", "sentence (A_v)"), images, ofPatches)));
    }

    private static double[] part(Tensor maps, int image, int patches) {
        return Arrays.copyOfRange(maps.toDoubles(), image * patches, (image + 1) * patches);
    }

    private ImageGrid.Row overlays(List<String> label, List<BufferedImage> images, List<double[]> maps) {
        int side = source.imageSide();
        double least = maps.stream().flatMapToDouble(Arrays::stream).min().orElseThrow();
        double most = maps.stream().flatMapToDouble(Arrays::stream).max().orElseThrow();
        ColourScale scale = ColourScale.viridis(least, most);
        List<BufferedImage> overlays = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            double[] large =
                    GreyPixels.enlarged(maps.get(i), source.model().model().grid(), side);
            overlays.add(GreyPixels.overlay(images.get(i), GreyPixels.map(large, side, scale)));
        }
        return new ImageGrid.Row(label, overlays, scale, "weight");
    }

    /** For each finding the first row that is labelled with it alone of the five, or else with it; any row where there is none. */
    private int[] rows() {
        int[] all = source.rows("attention");
        int[] chosen = new int[FINDINGS.size()];
        for (int i = 0; i < chosen.length; i++) {
            String finding = FINDINGS.get(i);
            int[] positive =
                    Arrays.stream(all).filter(row -> isPositive(row, finding)).toArray();
            chosen[i] = Arrays.stream(positive)
                    .filter(row -> positives(row) == 1)
                    .findFirst()
                    .orElse(positive.length > 0 ? positive[0] : all[i % all.length]);
        }
        return chosen;
    }

    private long positives(int row) {
        return FINDINGS.stream().filter(finding -> isPositive(row, finding)).count();
    }

    private boolean isPositive(int row, String finding) {
        DataSet data = source.data();
        int label = data.header().labels().indexOf(finding);
        return label >= 0 && data.label(row, label) == 1;
    }
}
