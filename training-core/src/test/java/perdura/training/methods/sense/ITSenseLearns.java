package perdura.training.methods.sense;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.SplitRows;
import perdura.grids.spec.DataSpec;
import perdura.training.metric.LabelAgreement;

/** Profile {@code tiny} learns (sense.md 8.2): 200 studies, 100 held out of other people; chance is R@1 1 %, R@10 10 %. */
class ITSenseLearns {
    private static final Logger LOG = LoggerFactory.getLogger(ITSenseLearns.class);
    private static final int TRAINED = 200;
    private static final int HELD_OUT = 100;

    @TempDir
    private static Path shared;

    private static DataSet data;

    @BeforeAll
    static void ingest() {
        data = SenseStudies.ingest(shared, 1_700, 64, 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void tinyLearns(long seed) throws IOException {
        int[] rows = Arrays.copyOf(SplitRows.of(data, DataSpec.Split.TRAIN), TRAINED);
        List<SenseRun.Epoch> epochs = new SenseRun(
                        SenseStudies.tiny(data, List.of("seed=" + seed, "validation.pairs=" + HELD_OUT)),
                        data,
                        rows,
                        shared)
                .train();
        int[] classes = Arrays.stream(rows).map(ITSenseLearns::findings).toArray();
        for (int i = 0; i < epochs.size(); i++) {
            LOG.info(
                    "seed {} epoch {}: NMI {} {} {}",
                    seed,
                    i,
                    agreement(epochs.get(i), classes),
                    epochs.get(i).metrics(),
                    epochs.get(i).events());
        }
        SenseRun.Epoch first = epochs.get(0);
        SenseRun.Epoch last = epochs.get(epochs.size() - 1);
        for (String direction : List.of("image_to_report", "report_to_image")) {
            assertThat(last.metrics().get("validation/" + direction + "_recall_at_1"))
                    .as(direction)
                    .isGreaterThanOrEqualTo(0.05);
            assertThat(last.metrics().get("validation/" + direction + "_recall_at_10"))
                    .as(direction)
                    .isGreaterThanOrEqualTo(0.30);
        }
        assertThat(ratio(last, first, "epoch/loss_cmc")).isLessThanOrEqualTo(0.80);
        assertThat(last.metrics().get("validation/loss_cmc") / Math.log(HELD_OUT))
                .isLessThanOrEqualTo(0.92);
        assertThat(agreement(last, classes) - agreement(first, classes)).isGreaterThanOrEqualTo(0.2);
        assertThat(epochs).allSatisfy(epoch -> assertThat(epoch.events()).isEmpty());
    }

    private static double ratio(SenseRun.Epoch one, SenseRun.Epoch other, String key) {
        return one.metrics().get(key) / other.metrics().get(key);
    }

    private static double agreement(SenseRun.Epoch epoch, int[] classes) {
        return LabelAgreement.normalizedMutualInformation(epoch.labels(), classes);
    }

    /** Which findings a study has. */
    private static int findings(int row) {
        int found = 0;
        for (int label = 0; label < data.header().labels().size(); label++) {
            found |= data.label(row, label) == 1 ? 1 << label : 0;
        }
        return found;
    }
}
