package perdura.datasets.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.ingest.TestingMimic;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.DataSpec;

class TestValidationBatches {
    private static final int STUDIES = 9;

    @TempDir
    private static Path folder;

    private static DataSet data;

    /** Nine studies for validation, with 5 to 13 sentences, two to train on. */
    @BeforeAll
    static void makeStudies() throws IOException {
        TestingMimic mimic = new TestingMimic(folder.resolve("mimic"));
        for (int i = 0; i < STUDIES + 2; i++) {
            String study = Integer.toString(50_000_000 + i);
            mimic.study("10000001", study, "PA", i < STUDIES ? "validate" : "train");
            mimic.report(
                    "10000001",
                    study,
                    "FINAL REPORT\n FINDINGS: Lungs. No effusion. Effusion. Lungs clear. " + "Clear. ".repeat(i + 1)
                            + "\n");
        }
        data = TestingMimic.ingest(mimic.written(), folder.resolve("artifacts"));
    }

    @Test
    void pairsAreSpreadOverTheSplitInItsOrderAndAFullBatchLong() {
        ValidationBatches batches = batches(DataSpec.Split.TRAIN, 512, 2);
        assertThat(batches.count()).isEqualTo(4);
        assertThat(batches.whyNone()).isEmpty();
        // Eight of nine, at i * 9 / 8: the last study is left out.
        assertThat(sentences(batches)).containsExactly(5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
        assertThat(sentences(batches(DataSpec.Split.TRAIN, 5, 2))).containsExactly(5L, 7L, 9L, 11L);
    }

    @Test
    void aBatchIsAlwaysTheSameAndNothingIsDrawn() {
        ValidationBatches batches = batches(DataSpec.Split.TRAIN, 512, 2);
        PairBatch batch = batches.batch(1);
        assertThat(batches.batch(1)).isEqualTo(batch);
        // [CLS] lungs . no effusion .: the report's own order
        assertThat(batch.sentenceMap().get(1)).isEqualTo(1);
        assertThat(batch.ids().get(1)).isEqualTo(piece("lungs"));
        assertThat(batch.ids().get(3)).isEqualTo(piece("no"));
        byte[] pixels = new byte[TestingMimic.SIDE * TestingMimic.SIDE];
        data.images().read(data.firstImage(data.find("s50000002")), pixels, 0);
        for (int i = 0; i < pixels.length; i++) {
            assertThat(batch.images().get(i)).isEqualTo(((pixels[i] & 0xFF) / 255f - 0.4755f) / 0.3011f);
        }
    }

    @Test
    void whereThereIsNoPairItIsToldWhy() {
        assertThat(batches(DataSpec.Split.TRAIN, 0, 2).count()).isZero();
        assertThat(batches(DataSpec.Split.TRAIN, 0, 2).whyNone()).isEmpty();
        assertThat(batches(DataSpec.Split.ALL, 512, 2).whyNone())
                .hasValue("data.split: all trains on the validate split, so no loss is validated");
        assertThat(batches(DataSpec.Split.TRAIN, 512, 10).count()).isZero();
        assertThat(batches(DataSpec.Split.TRAIN, 512, 10).whyNone())
                .hasValue("the validate split has 9 studies and validation.pairs is 512: less than a batch of 10, so no"
                        + " loss is validated");
    }

    private static long piece(String word) {
        return switch (word) {
            case "clear" -> 104;
            case "lungs" -> 105;
            case "no" -> 106;
            default -> throw new IllegalArgumentException(word);
        };
    }

    private static ValidationBatches batches(DataSpec.Split trained, int pairs, int batchSize) {
        PairBatchConfig config = new PairBatchConfig(1, batchSize, 64, new AugmentSpec(5, true, true), 1);
        return ValidationBatches.of(data, trained, pairs, config);
    }

    /** Of each report, over all batches. */
    private static List<Long> sentences(ValidationBatches batches) {
        List<Long> counts = new ArrayList<>();
        for (int index = 0; index < batches.count(); index++) {
            PairBatch batch = batches.batch(index);
            for (int row = 0; row < batch.size(); row++) {
                long most = 0;
                for (int i = 0; i < batch.textLength(); i++) {
                    most = Math.max(most, batch.sentenceMap().get(row * batch.textLength() + i));
                }
                counts.add(most);
            }
        }
        return counts;
    }
}
