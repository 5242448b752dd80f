package perdura.training.weights.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/** Pickles are written out as the bytes that Python's pickle module would have to read. */
class TestUnpickler {
    private static final String PROTOCOL_2 = "\u0080\u0002";
    private static final String STORAGE = "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuK\4tQ";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cos\\nsystem\\nX\\4\\0\\0\\0true\\205R.|byte 2: names os.system,",
                "cposix\\nsystem\\n.|byte 2: names posix.system,",
                "cbuiltins\\neval\\n.|byte 2: names builtins.eval,",
                "cbuiltins\\ngetattr\\n.|byte 2: names builtins.getattr,",
                "c__builtin__\\nexec\\n.|byte 2: names __builtin__.exec,",
                "ccopyreg\\n_reconstructor\\n.|byte 2: names copyreg._reconstructor,",
                "ccopy_reg\\n_reconstructor\\n.|byte 2: names copy_reg._reconstructor,",
                "csubprocess\\nPopen\\n.|byte 2: names subprocess.Popen,",
                "ctorch\\nload\\n.|byte 2: names torch.load,",
                "ctorch._utils\\n_import_dotted_name\\n.|byte 2: names torch._utils._import_dotted_name,",
                "ctorch\\nos.system\\n.|byte 2: names torch.os.system,",
                "cnumpy\\ncore.multiarray.scalar.__class__\\n.|which is not allowed",
                "X\\2\\0\\0\\0osX\\6\\0\\0\\0system\\223.|byte 20: names os.system,",
                "(X\\4\\0\\0\\0trueios\\nsystem\\n.|opcode 0x69 makes an instance of a class",
                "(cbuiltins\\nint\\nK\\1o.|opcode 0x6F makes an instance of a class",
                "\\202\\1.|opcode 0x82 names an entry of the extension registry",
                "\\227.|opcode 0x97 asks for a buffer outside the pickle",
                "Pabc\\n.|opcode 0x50 is not one that torch.save writes",
                "I1\\n.|opcode 0x49 is not one that torch.save writes",
            })
    void whateverIsNotAllowedIsRefusedByItsFullNameAndPlace(String pickle, String message) throws IOException {
        assertRefused(PROTOCOL_2 + pickle.translateEscapes(), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ctorch._utils\\n_rebuild_tensor_v2\\n(K\\1K\\0))\\211NtR.|calls torch._utils._rebuild_tensor_v2 with (int, int, tuple, tuple, bool, None), which",
                "ctorch._utils\\n_rebuild_tensor_v2\\n)R.|calls torch._utils._rebuild_tensor_v2 with ()",
                "ctorch._utils\\n_rebuild_parameter\\n(K\\1tR.|calls torch._utils._rebuild_parameter with (int)",
                "ccollections\\nOrderedDict\\n(K\\1tR.|calls collections.OrderedDict with (int)",
                "ccollections\\nOrderedDict\\n(](K\\1K\\2e\\205R.|takes",
                "cbuiltins\\nint\\nK\\1\\205R.|calls builtins.int with (int)",
                "ctorch\\nFloatStorage\\nK\\1\\205R.|calls torch.FloatStorage with (int)",
                "ctorch\\nFloatStorage\\n)\\201.|makes an instance of torch.FloatStorage with ()",
                "ctorch._utils\\n_rebuild_tensor_v2\\n)\\201.|makes an instance of",
                "ctorch\\nSize\\nK\\1\\205R.|calls torch.Size with (int)",
                "ctorch._tensor\\n_rebuild_from_type_v2\\n(cbuiltins\\nint\\nNN)tR.|calls torch._tensor._rebuild_from_type_v2",
                "X\\1\\0\\0\\0a)R.|calls a value of kind str",
                "cbuiltins\\nint\\n]R.|calls builtins.int with a value of kind list",
                "ccollections\\nOrderedDict\\n)X\\1\\0\\0\\0a}\\222.|calls a value of kind",
                "X\\1\\0\\0\\0a}b.|gives attributes to a value of kind str",
                "X\\1\\0\\0\\0aQ.|a persistent id of kind str",
                "(X\\7\\0\\0\\0storagecbuiltins\\nint\\nX\\1\\0\\0\\0kX\\3\\0\\0\\0cpuK\\4tQ.|a storage of type builtins.int",
                "(X\\7\\0\\0\\0storagectorch\\nFloatStorage\\nX\\1\\0\\0\\0kNJ\\377\\377\\377\\377tQ.|a persistent id of kind tuple",
                "}]K\\1s.|a dictionary key of kind list",
                "}K\\1a.|adds items to a value of kind dict",
                "](K\\1K\\2u.|adds entries to a value of kind list",
                "}(K\\1u.|a key without a value",
            })
    void anAllowedNameWithWrongArgumentsIsRefused(String pickle, String message) throws IOException {
        assertRefused(PROTOCOL_2 + pickle.translateEscapes(), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "K\\0K\\5\\205K\\1\\205|ends at byte 20 of a storage of 16",
                "K\\4K\\1\\205K\\1\\205|ends at byte 20 of a storage of 16",
                "K\\0K\\2\\205K\\4\\205|ends at byte 20 of a storage of 16",
                "J\\377\\377\\377\\377K\\1\\205K\\1\\205|none may be negative",
                "K\\0J\\377\\377\\377\\377\\205K\\1\\205|none may be negative",
                "K\\0K\\2\\205J\\377\\377\\377\\377\\205|none may be negative",
                "K\\0\\212\\10\\377\\377\\377\\377\\377\\377\\377\\177\\205\\212\\10\\377\\377\\377\\377\\377\\377\\377\\177\\205|beyond any file",
                "K\\0K\\2\\205K\\1K\\1\\206|calls torch._utils._rebuild_tensor_v2 with (storage, int, tuple, tuple,",
            })
    void aTensorOutsideItsStorageIsRefused(String offsetSizeStride, String message) throws IOException {
        assertRefused(
                PROTOCOL_2 + "ctorch._utils\n_rebuild_tensor_v2\n(" + STORAGE + offsetSizeStride.translateEscapes()
                        + "\u0089NtR.",
                message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ".|takes a value that is not there",
                "K\\1K\\2.|ends with 1 values left over",
                "K\\1(.|takes a value that is not there",
                "t.|ends a list that was not begun",
                "K\\1(0.|takes a value that is not there",
                "h\\7.|memo entry 7 was never made",
                "K\\1r\\377\\377\\377\\377.|memo entry 4294967295",
                "B\\377\\377\\377\\377a.|a length of 4294967295 bytes",
                "X\\5\\0\\0\\0ab|needs 5 bytes, but only 2 follow",
                "X\\1\\0\\0\\0\\377.|a text that is not UTF-8",
                "\\213\\377\\377\\377\\377.|a length of",
                "\\216\\377\\377\\377\\377\\377\\377\\377\\377.|a length of 18446744073709551615 bytes",
                "K|the pickle ends in the middle; is the file truncated?",
                "cos|the pickle ends in the middle",
            })
    void aDamagedPickleIsRefusedWithItsPlace(String pickle, String message) throws IOException {
        assertRefused(PROTOCOL_2 + pickle.translateEscapes(), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"\\200\\1N.|pickle protocol 1", "\\200\\6N.|pickle protocol 6", "N.|no pickle"})
    void otherProtocolsAreRefused(String pickle, String message) throws IOException {
        assertRefused(pickle.translateEscapes(), message);
    }

    @Test
    void bombsEndAtALimit() throws IOException {
        assertRefused(PROTOCOL_2 + "(".repeat(2_000) + ".", "nested deeper than 1000");
        assertRefused(PROTOCOL_2 + "N" + "2".repeat(3_100_000) + ".", ReadLimit.WEIGHT_VALUES.variable());
        String doubling = "N\u0085q\0" + "0" + ("h\0h\0\u0086q\0" + "0").repeat(100) + "h\0.";
        assertThat(read(PROTOCOL_2 + doubling).kind()).isEqualTo("tuple");
        // A mapping of a thousand entries, filled again and again into new ones by two bytes each.
        StringBuilder entries = new StringBuilder("}(");
        for (int i = 0; i < 1000; i++) {
            entries.append("M")
                    .append((char) (i & 0xFF))
                    .append((char) (i >> 8))
                    .append("N");
        }
        String fill = "cargparse\nNamespace\n)\u0081h\0b0";
        assertRefused(PROTOCOL_2 + entries + "uq\0" + fill.repeat(4_000) + ".", ReadLimit.WEIGHT_VALUES.variable());
        assertRefused(
                PROTOCOL_2 + "(" + ("X\0\0\u0010\0" + "a".repeat(1 << 20)).repeat(65) + "t.",
                ReadLimit.WEIGHT_TEXT_BYTES.variable());
    }

    @Test
    void valuesThatContainOneAnotherAreLookedIntoOnce() throws IOException {
        String itself = "]q\0h\0a.";
        String tenOfTenOfTen = "]q\0" + "0" + ("](" + "h\0".repeat(10) + "eq\0" + "0").repeat(50) + "h\0.";
        for (String pickle : List.of(itself, tenOfTenOfTen)) {
            PickleValue root = read(PROTOCOL_2 + pickle);
            assertThat(new TensorTree("f", storage -> 0, false).list(root)).isEmpty();
        }
        PickleValue deep = read(PROTOCOL_2 + "N" + "\u0085".repeat(200) + ".");
        assertThatThrownBy(() -> new TensorTree("f", storage -> 0, false).list(deep))
                .hasMessageContaining("at most 100 values");
    }

    @Test
    void inertContainersKeepTheirEntries() throws IOException {
        PickleValue value = read(PROTOCOL_2 + "cargparse\nNamespace\n)\u0081}X\1\0\0\0aK\1sb.");
        assertThat(value)
                .isInstanceOfSatisfying(
                        PickleValue.Mapping.class,
                        mapping -> assertThat(mapping.entries()).containsOnlyKeys("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u008a\0.", "\u008a\1\u00ff.", "\u008a\11\0\0\0\0\0\0\0\0\1."})
    void integersOfAnyLengthAreRead(String pickle) throws IOException {
        assertThat(read(PROTOCOL_2 + pickle).kind()).isEqualTo("int");
    }

    private PickleValue read(String pickle) throws IOException {
        Path file = Files.write(folder.resolve("x.pkl"), StoredZip.bytes(pickle));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return Unpickler.read(new PickleInput(channel, "x", 0, channel.size()));
        }
    }

    private void assertRefused(String pickle, String message) {
        assertThatThrownBy(() -> read(pickle))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_WEIGHTS))
                .hasMessageStartingWith("x, byte ")
                .hasMessageContaining(message);
    }
}
