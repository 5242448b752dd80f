package perdura.training.tasks.pair;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.datasets.split.chexpert.ChexpertTable;
import perdura.datasets.split.chexpert.FiveByTwoHundred;
import perdura.datasets.split.chexpert.Mentions;
import perdura.datasets.split.chexpert.Mentions.Mention;
import perdura.datasets.synth.SynthConfig;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.IngestSpec;
import perdura.training.golden.TestingMimic;
import perdura.training.golden.TestingSynth;
import perdura.training.tasks.pair.ExclusiveSampling.Shortage;

/** On a synthetic CheXpert, both of whose tables are ingested. */
class TestExclusiveSampling {
    private static DataSet data;
    private static SeenStudies seen;

    @BeforeAll
    static void prepare(@TempDir Path folder) throws IOException {
        SynthConfig.Amount amount = new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, 150);
        data = TestingSynth.ingest(folder, SynthConfig.standard(SynthConfig.Format.CHEXPERT, amount, 11), 16);
        IngestSpec studies = new TestingMimic(folder.resolve("mimic"))
                .study("10", "50", "AP", "train")
                .written();
        seen = new SeenStudies(TestingMimic.ingest(studies, folder.resolve("artifacts")), DataSpec.Split.TRAIN);
    }

    @Test
    void ofChexpertItIsTheSamplingOfTheSplits() {
        ExclusiveSampling sampling = new ExclusiveSampling("dataset", "5x200", 2, Shortage.REFUSE, 114_514);
        Split expected = FiveByTwoHundred.drawnBySeed("5x200", table(), 2, 114_514);
        Split drawn = sampling.draw(data, seen, "perClass");
        for (String column : FindingClasses.NAMES) {
            assertThat(drawn.rows(column)).isEqualTo(expected.rows(column));
        }
    }

    private static ChexpertTable table() {
        List<ChexpertTable.Row> rows = new ArrayList<>();
        for (int row = 0; row < data.size(); row++) {
            List<Mention> cells = new ArrayList<>();
            for (int label = 0; label < ChexpertFinding.values().length; label++) {
                float value = data.label(row, label);
                cells.add(Mention.parse(Float.isNaN(value) ? "" : Integer.toString((int) value))
                        .orElseThrow());
            }
            ChexpertTable.Image image =
                    ChexpertTable.Image.parse(data.sampleId(row)).orElseThrow();
            rows.add(new ChexpertTable.Row(image, ChexpertTable.Row.View.FRONTAL, new Mentions(cells)));
        }
        return ChexpertTable.of(rows);
    }

    @Test
    void manySeedsDrawManySamplings() {
        assertThat(List.of(1L, 2L, 3L, 4L, 5L).stream()
                        .map(seed -> new ExclusiveSampling("dataset", "5x200", 2, Shortage.REFUSE, seed)
                                .draw(data, seen, "perClass")
                                .digest()))
                .doesNotHaveDuplicates();
    }
}
