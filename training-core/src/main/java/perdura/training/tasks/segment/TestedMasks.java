package perdura.training.tasks.segment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.training.figure.CaseChoice;
import perdura.training.figure.GreyPixels;
import perdura.training.figure.MaskGrid;
import perdura.training.metric.MaskBaselines;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.fit.NetWeights;
import perdura.training.tasks.segment.MaskEvaluator.MaskScores;

/**
 * What is done with a test at the end of a run: some of its images are drawn, for the run's folder alone, as they are images of the data set; and
 * answers that need no learning are measured beside it.
 *
 * @param config of batches that are measured
 */
record TestedMasks(SegmentationNet net, DataSet data, Split split, ImageBatchConfig config, TaskContext place) {
    /** Images that are shown of the worst, of the middle and of the best. */
    private static final int EACH = 3;

    private static final String PICTURE = "figures/masks.png";

    /** @return {@code baseline/...} */
    Map<String, Double> end(MaskScores scores) {
        show(scores);
        return MaskBaselines.measure(data, split.rows(Split.TRAIN), split.rows(Split.TEST));
    }

    /** Of images with a mask, if there are any: on all others an empty answer is the best one. */
    private void show(MaskScores scores) {
        double[] dice = scores.dice().toArray();
        int[] candidates = IntStream.range(0, dice.length)
                .filter(i -> scores.hasTruth().get(i))
                .toArray();
        if (candidates.length == 0) {
            candidates = IntStream.range(0, dice.length).toArray();
        }
        List<CaseChoice> chosen = CaseChoice.choose(
                Arrays.stream(candidates).mapToDouble(i -> dice[i]).toArray(), EACH);
        int[] places = new int[chosen.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = candidates[chosen.get(i).index()];
        }
        RowList rows = split.rows(Split.TEST).pick(places);
        List<byte[]> answers = answers(rows);
        List<MaskGrid.Case> cases = new ArrayList<>();
        int side = data.header().imageSize();
        for (int i = 0; i < places.length; i++) {
            long image = data.firstImage(rows.at(i));
            cases.add(new MaskGrid.Case(
                    chosen.get(i).standing(),
                    data.sampleId(rows.at(i)),
                    dice[places[i]],
                    GreyPixels.image(data.images().read(image), side),
                    data.array("masks").read(image),
                    answers.get(i)));
        }
        Path file = place.runFolder().resolve(PICTURE);
        MaskGrid.of("Masks of the test part", "the worst, the middle and the best images by Dice", cases)
                .picture()
                .writePng(file);
    }

    private List<byte[]> answers(RowList rows) {
        List<byte[]> answers = new ArrayList<>();
        int pixels = data.header().imageSize() * data.header().imageSize();
        try (ImageBatches batches = new ImageBatches(data, rows.toArray(), config)) {
            for (long index = 0; index < batches.batchesPerEpoch(); index++) {
                byte[] masks = net.answer(NetWeights.Kind.BEST, batches.batch(0, index));
                for (int from = 0; from < masks.length; from += pixels) {
                    answers.add(Arrays.copyOfRange(masks, from, from + pixels));
                }
            }
        }
        return answers;
    }
}
