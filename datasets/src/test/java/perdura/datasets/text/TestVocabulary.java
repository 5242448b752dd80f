package perdura.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

class TestVocabulary {
    @TempDir
    Path folder;

    private Path file;
    private List<String> lines;

    @BeforeEach
    void makeValidLines() {
        file = folder.resolve("vocab.txt");
        lines = new ArrayList<>(List.of("[PAD]"));
        for (int i = 1; i < 100; i++) {
            lines.add("[unused" + i + "]");
        }
        lines.addAll(List.of("[UNK]", "[CLS]", "[SEP]", "[MASK]", "lung", "##s"));
    }

    @Test
    void readsPiecesByLine() throws IOException {
        Files.write(file, lines);
        Vocabulary vocabulary = Vocabulary.read(file);
        assertThat(vocabulary.size()).isEqualTo(106);
        assertThat(vocabulary.digest()).hasSize(64);
        assertThat(new WordPieceTokenizer(vocabulary).tokenize("Lungs x")).containsExactly(104, 105, 100);
    }

    @Test
    void aMissingFileIsNamed() {
        refuses(file + ": the vocabulary can't be read (no such file); data.vocabulary must name a vocab.txt");
    }

    @Test
    void aSpecialPieceInAWrongPlaceIsNamed() throws IOException {
        lines.set(101, "[SEP]");
        lines.set(102, "[CLS]");
        Files.write(file, lines);
        refuses(file + ":102: piece '[SEP]' must be [CLS] (id 101), as in the vocabularies of BERT-base-cased");
    }

    @Test
    void aRepeatedPieceIsNamedWithBothLines() throws IOException {
        lines.add("lung");
        Files.write(file, lines);
        refuses(file + ":107: piece 'lung' stands on line 105 already");
    }

    @Test
    void anEmptyLineIsNamed() throws IOException {
        lines.set(104, "");
        Files.write(file, lines);
        refuses(file + ":105: empty line");
    }

    @Test
    void aShortVocabularyIsRefused() throws IOException {
        Files.write(file, lines.subList(0, 50));
        refuses(file + ": the vocabulary has 50 lines; it must have more than 104");
    }

    @Test
    void aBinaryFileIsRefused() throws IOException {
        Files.write(file, new byte[] {(byte) 0xFF, (byte) 0xFE, 0});
        refuses(file + ": the vocabulary is not UTF-8");
    }

    private void refuses(String message) {
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> Vocabulary.read(file))
                .withMessageStartingWith(message)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA));
    }
}
