package perdura.training.methods.prior.figure;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.datasets.text.EncodedReport;
import perdura.training.figure.ColourScale;
import perdura.training.figure.GreyPixels;
import perdura.training.figure.ImageGrid;
import perdura.training.figure.StripChart;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.model.PriorReconstruction;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/** Figures 4 and 5 (prior.md 5), of the same studies: what the reconstruction gives. */
record Reconstructions(FigureSource source) {
    private static final int STUDIES = 5;

    /** What was reconstructed of rows, on the host. */
    private static final class Made {
        private final double[] originals;
        private final double[] images;
        private final double[] told;
        private final double[] predicted;

        Made(Tensor originals, PriorReconstruction.Result made) {
            this.originals = originals.toDoubles();
            this.images = made.images().toDoubles();
            this.told = made.told().toDoubles();
            this.predicted = made.predicted().toDoubles();
        }
    }

    private int[] rows() {
        int[] all = source.rows("reconstructions");
        return Arrays.copyOf(all, Math.min(STUDIES, all.length));
    }

    private Made reconstruct(int[] rows) {
        int side = source.imageSide();
        Prior prior =
                new Prior(source.model().model(), source.data().vocabulary().size());
        try (StepScope scope = source.torch().newStep();
                PriorReconstruction reconstruction =
                        new PriorReconstruction(source.torch(), source.model().parameters(), prior, source.stage())) {
            Tensor originals = scope.floats(source.images(rows), rows.length, 1, side, side);
            List<EncodedReport> reports = source.reports(rows);
            return new Made(originals, reconstruction.reconstruct(scope, originals, reports, source.seed()));
        }
    }

    /** Figure 4. */
    ImageGrid images() {
        int[] rows = rows();
        Made made = reconstruct(rows);
        int side = source.imageSide();
        int pixels = side * side;
        double[] errors = new double[made.images.length];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = Math.abs(GreyPixels.brightness(made.images[i]) - GreyPixels.brightness(made.originals[i]));
        }
        ColourScale scale = ColourScale.viridis(0, Arrays.stream(errors).max().orElseThrow());
        List<ImageGrid.Column> columns = new ArrayList<>();
        List<BufferedImage> originals = new ArrayList<>();
        List<BufferedImage> images = new ArrayList<>();
        List<BufferedImage> differences = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            columns.add(new ImageGrid.Column("", source.data().sampleId(rows[i])));
            originals.add(GreyPixels.image(made.originals, i * pixels, side));
            images.add(GreyPixels.image(made.images, i * pixels, side));
            differences.add(GreyPixels.map(Arrays.copyOfRange(errors, i * pixels, (i + 1) * pixels), side, scale));
        }
        return new ImageGrid(
                "Images reconstructed from hidden patches and the report",
                "stage " + source.stage().stage() + "; "
                        + Math.round(100 * source.model().model().ccr().maskProbability())
                        + " % hidden, by a fixed seed",
                columns,
                List.of(
                        new ImageGrid.Row(List.of("original"), originals, null, ""),
                        new ImageGrid.Row(List.of("reconstruction"), images, null, ""),
                        new ImageGrid.Row(List.of("difference", "of brightness"), differences, scale, "difference")));
    }

    /** Figure 5. */
    StripChart prototypes() {
        int[] rows = rows();
        Made made = reconstruct(rows);
        int prototypes = made.told.length / rows.length;
        List<StripChart.Row> strips = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            if (i > 0) {
                strips.add(StripChart.Row.GAP);
            }
            String id = source.data().sampleId(rows[i]);
            strips.add(new StripChart.Row(id + ": report", part(made.told, i, prototypes)));
            strips.add(new StripChart.Row("predicted from the image", part(made.predicted, i, prototypes)));
        }
        double most =
                strips.stream().mapToDouble(StripChart.Row::greatest).max().orElseThrow();
        return new StripChart(
                "Prototypes of reports, and those predicted from the image",
                "softmax over the bank, summed over a report's sentences; stage "
                        + source.stage().stage(),
                strips,
                "share",
                most);
    }

    private static double[] part(double[] values, int index, int width) {
        return Arrays.copyOfRange(values, index * width, (index + 1) * width);
    }
}
