package perdura.datasets.split.chexpert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

class TestFiveByTwoHundredList {
    private final ChexpertTable table = TestingChexpert.table(20);

    @TempDir
    private Path folder;

    private static String entry(int key, String path, String label) {
        return "    \"%d\": {%n        \"image_path\": \"%s\",%n        \"label\": %s%n    }"
                .formatted(key, path, label);
    }

    /** An entry of the authors' form for a patient of the made-up table. */
    private static String entry(int patient) {
        String label = IntStream.range(0, 5)
                .mapToObj(i -> i == patient % 5 ? "1" : "0")
                .collect(Collectors.joining(",\n            ", "[\n            ", "\n        ]"));
        return entry(2 * patient, TestingChexpert.path(patient, "frontal"), label);
    }

    private static String list(String... entries) {
        return "{\n" + String.join(",\n", entries) + "\n}\n";
    }

    private static String soundList() {
        return list(IntStream.of(7, 2, 0, 3, 4, 5, 1, 6, 8, 9)
                .mapToObj(TestFiveByTwoHundredList::entry)
                .toArray(String[]::new));
    }

    private Split read(String json) throws IOException {
        Path file = folder.resolve("chexpert_5x200.json");
        Files.writeString(file, json);
        return FiveByTwoHundredList.read("list", file, table, 2);
    }

    private void isRefused(String json, String message) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA))
                .hasMessageContaining(folder.resolve("chexpert_5x200.json").toString())
                .hasMessageContaining(message);
    }

    @Test
    void aListInTheAuthorsFormIsReadInItsOrder() throws IOException {
        Split list = read(soundList());
        assertThat(list.parts().keySet())
                .containsExactly("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion");
        assertThat(list.rows("Atelectasis")).isEqualTo(RowList.of(0, 10));
        assertThat(list.rows("Consolidation")).isEqualTo(RowList.of(14, 4));
        assertThat(list.parameters()).containsKey("listSha256");
    }

    @Test
    void keysAndFindingsThatTheTableSaysOtherwiseAreNoFaults() throws IOException {
        String shifted = soundList()
                .replace("\"14\"", "\"15\"") // the row of another image
                .replace("patient00007/study1", "patient00012/study1"); // also consolidation
        assertThat(read(shifted).rows("Consolidation")).isEqualTo(RowList.of(24, 4));
        String other = soundList().replace("patient00007/study1", "patient00011/study1"); // cardiomegaly
        assertThat(read(other).rows("Consolidation")).isEqualTo(RowList.of(22, 4));
    }

    @Test
    void theDataSetsFolderInFrontIsAllowed() throws IOException {
        assertThat(read(soundList().replace("\"train/", "\"CheXpert-v1.0-small/train/"))
                        .rows("Atelectasis"))
                .isEqualTo(RowList.of(0, 10));
    }

    @Test
    void otherFieldsOfAnEntryAreFree() throws IOException {
        assertThat(read(soundList().replace("\"label\"", "\"note\": {\"a\": [1]},\n\"label\""))
                        .parts())
                .hasSize(5);
    }

    @Test
    void anUnknownImageIsNamedWithItsLine() {
        isRefused(
                soundList().replace("patient00002/study1", "patient00002/study2"),
                ":12: image_path 'train/patient00002/study2/view1_frontal.jpg' has no row in train.csv");
        isRefused(
                soundList().replace(TestingChexpert.path(2, "frontal"), "valid/patient64541/study1/view1_frontal.jpg"),
                "has no row in train.csv");
    }

    @Test
    void aLateralImageIsRefused() {
        isRefused(
                soundList().replace("patient00002/study1/view1_frontal", "patient00002/study1/view1_lateral"),
                "is a lateral image; it must be frontal");
    }

    @Test
    void anImageOrAKeyTwiceIsRefused() {
        isRefused(soundList().replace("patient00002/", "patient00007/"), "is listed already; it must be there once");
        isRefused(soundList().replace("\"4\"", "\"14\""), ":12: key '14' is there already");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[0, 0, 0, 0, 0]",
                "[1, 1, 0, 0, 0]",
                "[1, 0, 0, 0]",
                "[2, 0, 0, 0, 0]",
                "[\"1\", 0, 0, 0, 0]",
                "1",
                "[[1], 0, 0, 0, 0]",
                "{}"
            })
    void aLabelThatIsNotOneOfFiveIsRefused(String label) {
        isRefused(
                list(entry(0, TestingChexpert.path(0, "frontal"), label)),
                ":2: entry '0': the label must be 5 numbers, one of them 1 and the others 0");
    }

    @Test
    void aClassOfAnotherSizeIsRefused() {
        isRefused(
                list(IntStream.range(0, 9)
                        .mapToObj(TestFiveByTwoHundredList::entry)
                        .toArray(String[]::new)),
                "Pleural Effusion has 1 images, it must have 2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | not an object",
                "[] | not an object",
                "{\"1\": [{}, 2]} | entry '1' has no image_path",
                "{\"1\": {\"image_path\": 3, \"label\": []}} | entry '1' has no image_path",
                "{\"1\": {\"image_path\": \"a\" | not JSON",
                "{\"1\": nonsense} | not JSON",
                "{} {} | something follows the list",
            })
    void whatIsNoListIsRefused(String json, String message) {
        isRefused(json, message);
    }

    @Test
    void everyTruncationIsRefused() {
        String whole = soundList().strip();
        for (int length = 0; length < whole.length(); length += 7) {
            isRefused(whole.substring(0, length), ":");
        }
    }

    @Test
    void twentyFaultsAreNamedAndAllAreCounted() {
        String json = list(IntStream.range(0, 23)
                .mapToObj(i -> entry(i, "train/nowhere" + i, "[1, 0, 0, 0, 0]"))
                .toArray(String[]::new));
        isRefused(json, "\n  and 3 more");
    }

    @Test
    void aMissingFileIsNamed() {
        Path file = folder.resolve("none.json");
        assertThatThrownBy(() -> FiveByTwoHundredList.read("list", file, table, 2))
                .isInstanceOf(PerduraException.class)
                .hasMessageStartingWith(file + ": the list can't be read (no such file)");
    }
}
