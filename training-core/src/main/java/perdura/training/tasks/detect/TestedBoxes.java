package perdura.training.tasks.detect;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.training.figure.BoxGrid;
import perdura.training.figure.CaseChoice;
import perdura.training.figure.GreyPixels;
import perdura.training.metric.BoxBaselines;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.detect.DetectionEvaluator.DetectionScores;
import perdura.training.tasks.fit.NetWeights;

/**
 * What is done with a test at the end of a run: some of its images are drawn, for the run's folder alone, as they are images of the data set; and
 * answers that need no learning are measured beside it.
 *
 * @param config of batches that are measured
 */
record TestedBoxes(
        DetectorNet net, DataSet data, BoxTruths truths, Split split, ImageBatchConfig config, TaskContext place) {
    /** Images that are shown of the worst, of the middle and of the best. */
    private static final int EACH = 3;

    private static final String PICTURE = "figures/boxes.png";

    /** @return {@code baseline/...} */
    Map<String, Double> end(DetectionScores scores) {
        show(scores);
        return BoxBaselines.measure(
                boxes(Split.TRAIN), boxes(Split.TEST), data.header().imageSize());
    }

    private List<double[]> boxes(String part) {
        return split.rows(part).stream().mapToObj(row -> truths.of(row).boxes()).toList();
    }

    private void show(DetectionScores scores) {
        double[] each = scores.each().stream().mapToDouble(Double::doubleValue).toArray();
        List<CaseChoice> chosen = CaseChoice.choose(each, EACH);
        RowList rows = split.rows(Split.TEST)
                .pick(chosen.stream().mapToInt(CaseChoice::index).toArray());
        List<Detections> answers = answers(rows);
        List<BoxGrid.Case> cases = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            int row = rows.at(i);
            cases.add(new BoxGrid.Case(
                    chosen.get(i).standing(),
                    data.sampleId(row),
                    String.format(Locale.ROOT, "AP %.2f", each[chosen.get(i).index()]),
                    GreyPixels.image(
                            data.images().read(data.firstImage(row)),
                            data.header().imageSize()),
                    truths.of(row).boxes(),
                    answers.get(i).boxes(),
                    answers.get(i).scores()));
        }
        Path file = place.runFolder().resolve(PICTURE);
        BoxGrid.of("Boxes of the test part", "the worst, the middle and the best images by mAP", cases)
                .picture()
                .writePng(file);
    }

    private List<Detections> answers(RowList rows) {
        List<Detections> answers = new ArrayList<>();
        try (BoxBatches batches = new BoxBatches(data, truths, rows, config)) {
            for (long index = 0; index < batches.batchesPerEpoch(); index++) {
                answers.addAll(net.detect(NetWeights.Kind.BEST, batches.batch(0, index))
                        .images());
            }
        }
        return answers;
    }
}
