package perdura.training.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Element types of foreign files: safetensors' names, and those of PyTorch. */
public enum DataType {
    F64(8, true, "float64", "DoubleStorage"),
    F32(4, true, "float32", "FloatStorage"),
    F16(2, true, "float16", "HalfStorage"),
    BF16(2, true, "bfloat16", "BFloat16Storage"),
    F8_E4M3(1, false, "float8_e4m3fn", ""),
    F8_E5M2(1, false, "float8_e5m2", ""),
    I64(8, true, "int64", "LongStorage"),
    I32(4, true, "int32", "IntStorage"),
    I16(2, true, "int16", "ShortStorage"),
    I8(1, true, "int8", "CharStorage"),
    U64(8, false, "uint64", ""),
    U32(4, true, "uint32", ""),
    U16(2, true, "uint16", ""),
    U8(1, true, "uint8", "ByteStorage"),
    BOOL(1, true, "bool", "BoolStorage");

    private final int sizeBytes;
    private final boolean readable;
    private final String dtype;
    private final String storage;

    DataType(int sizeBytes, boolean readable, String dtype, String storage) {
        this.sizeBytes = sizeBytes;
        this.readable = readable;
        this.dtype = dtype;
        this.storage = storage;
    }

    public int sizeBytes() {
        return sizeBytes;
    }

    /** Whether the values can be read; the others can only be listed. */
    public boolean isReadable() {
        return readable;
    }

    /** Whether it holds fractions. */
    public boolean isFloating() {
        return name().startsWith("F") || this == BF16;
    }

    /** {@code torch.float32}. */
    public String torchName() {
        return "torch." + dtype;
    }

    /** {@code torch.FloatStorage}; none for a type that has none. */
    public List<String> storageNames() {
        return storage.isEmpty() ? List.of() : List.of("torch." + storage, "torch.cuda." + storage);
    }

    /** The type of safetensors' name of it. */
    static Optional<DataType> find(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findAny();
    }

    /** The type of the name that PyTorch gives it or its storage. */
    public static Optional<DataType> findTorch(String name) {
        return Arrays.stream(values())
                .filter(type ->
                        type.torchName().equals(name) || type.storageNames().contains(name))
                .findAny();
    }
}
