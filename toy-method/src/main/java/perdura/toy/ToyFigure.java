package perdura.toy;

import java.awt.Color;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.data.Normalization;
import perdura.grids.spec.PretrainSpec;
import perdura.training.figure.Picture;
import perdura.training.method.Figure;
import perdura.training.method.PairModel;
import perdura.training.method.PairModel.PairScores;
import perdura.training.torch.StepScope;

/** How alike some images (rows) and reports (columns) are: the darker the more. */
final class ToyFigure implements Figure {
    private static final int PAIRS = 8;
    private static final int CELL = 40;

    @Override
    public boolean canShow(PretrainSpec spec, int stage) {
        return true;
    }

    @Override
    public String need() {
        return "any checkpoint";
    }

    @Override
    public List<Path> draw(Source source, Path folder) {
        int[] rows =
                IntStream.range(0, (int) Math.min(PAIRS, source.data().size())).toArray();
        Trained newest = source.checkpoints().get(0);
        int vocabulary = source.data().vocabulary().size();
        PairScores scores;
        try (PairModel model = new ToyPairModels()
                        .open(source.torch(), source.spec(), newest.stage(), vocabulary, newest.weights());
                ImageBatches images = new ImageBatches(
                        source.data(),
                        rows,
                        new ImageBatchConfig(0, rows.length, ImageBatchConfig.View.EVALUATE, Normalization.GREY, 1));
                StepScope scope = source.torch().newStep()) {
            PairModel.Texts reports = model.reports(scope, source.data(), rows, () -> {});
            scores = model.score(scope, images.batch(0, 0), reports, () -> {});
        }
        Path file = folder.resolve("figure1-cosines.png");
        new Picture(CELL * rows.length, CELL * rows.length, graphics -> {
                    for (int i = 0; i < rows.length; i++) {
                        for (int j = 0; j < rows.length; j++) {
                            float light = (float) (1 - scores.cosines(i)[j]) / 2;
                            graphics.setColor(new Color(light, light, light));
                            graphics.fillRect(CELL * j, CELL * i, CELL, CELL);
                        }
                    }
                })
                .writePng(file);
        return List.of(file);
    }
}
