package perdura.training.methods.sense.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.text.Vocabulary;
import perdura.training.methods.sense.figure.TokenStrips.Word;
import perdura.training.tasks.TestingPrior;

class TestTokenStrips {
    @Test
    void wordPiecesAreAddedUpToWords(@TempDir Path folder) throws IOException {
        List<String> pieces = new ArrayList<>();
        pieces.add("[PAD]");
        IntStream.range(1, 100).mapToObj(i -> "[unused" + i + "]").forEach(pieces::add);
        pieces.addAll(List.of("[UNK]", "[CLS]", "[SEP]", "[MASK]", "chronic", "sc", "##ar", "##s"));
        Path file = Files.write(folder.resolve("vocab.txt"), pieces);
        double[] shares = {0, 0.125, 0.25, 0.125, 0.25, 0, 0.125, 0, 0.125};
        assertThat(TokenStrips.words(
                        Vocabulary.read(file), List.of(new int[] {104, 105, 106, 107}, new int[] {104}), shares))
                .containsExactly(
                        new Word("<cls>", 0),
                        new Word("chronic", 0.125),
                        new Word("scars", 0.625),
                        new Word("<sep>", 0),
                        new Word("<cls>", 0.125),
                        new Word("chronic", 0),
                        new Word("<sep>", 0.125));
    }

    @Test
    void theReportsWithTheRarestSentencesAreShown(@TempDir Path folder) {
        DataSet data = TestingPrior.ingest(folder, 120, 8);
        int[] rows = TokenStrips.rarest(data, 1);
        assertThat(rows).hasSize(6).doesNotHaveDuplicates();
        assertThat(rows).containsExactly(TokenStrips.rarest(data, 1));
        int most = IntStream.of(rows).map(row -> rarity(data, row)).max().orElseThrow();
        long rarer = IntStream.range(0, (int) data.size())
                .filter(row -> !data.split(row).equals("train") && rarity(data, row) < most)
                .count();
        assertThat(rarer).isLessThan(6);
        assertThat(IntStream.of(rows)).noneMatch(row -> data.split(row).equals("train"));
    }

    /** Reports that have the sentence of this one that the fewest have. */
    private static int rarity(DataSet data, int row) {
        return IntStream.range(0, data.sentenceCount(row))
                .map(k -> (int) IntStream.range(0, (int) data.size())
                        .filter(other -> IntStream.range(0, data.sentenceCount(other))
                                .anyMatch(l -> data.sentence(other, l) == data.sentence(row, k)))
                        .count())
                .min()
                .orElseThrow();
    }
}
