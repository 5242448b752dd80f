package perdura.training.weights.file;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** PyTorch's names of element types. */
enum TorchType {
    FLOAT64(DataType.F64, "float64", "DoubleStorage"),
    FLOAT32(DataType.F32, "float32", "FloatStorage"),
    FLOAT16(DataType.F16, "float16", "HalfStorage"),
    BFLOAT16(DataType.BF16, "bfloat16", "BFloat16Storage"),
    FLOAT8_E4M3(DataType.F8_E4M3, "float8_e4m3fn", ""),
    FLOAT8_E5M2(DataType.F8_E5M2, "float8_e5m2", ""),
    INT64(DataType.I64, "int64", "LongStorage"),
    INT32(DataType.I32, "int32", "IntStorage"),
    INT16(DataType.I16, "int16", "ShortStorage"),
    INT8(DataType.I8, "int8", "CharStorage"),
    UINT64(DataType.U64, "uint64", ""),
    UINT32(DataType.U32, "uint32", ""),
    UINT16(DataType.U16, "uint16", ""),
    UINT8(DataType.U8, "uint8", "ByteStorage"),
    BOOL(DataType.BOOL, "bool", "BoolStorage");

    private final DataType type;
    private final String dtype;
    private final String storage;

    TorchType(DataType type, String dtype, String storage) {
        this.type = type;
        this.dtype = dtype;
        this.storage = storage;
    }

    /** {@code torch.float32}. */
    String dtypeName() {
        return "torch." + dtype;
    }

    /** {@code torch.FloatStorage}; none for a type that has none. */
    List<String> storageNames() {
        return storage.isEmpty() ? List.of() : List.of("torch." + storage, "torch.cuda." + storage);
    }

    /** The type of a dtype's or a storage's name. */
    static Optional<DataType> find(String name) {
        return Arrays.stream(values())
                .filter(t -> t.dtypeName().equals(name) || t.storageNames().contains(name))
                .map(t -> t.type)
                .findAny();
    }
}
