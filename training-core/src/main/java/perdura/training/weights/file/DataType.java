package perdura.training.weights.file;

/** Element types of foreign files, with safetensors' names. */
public enum DataType {
    F64(8, true),
    F32(4, true),
    F16(2, true),
    BF16(2, true),
    F8_E4M3(1, false),
    F8_E5M2(1, false),
    I64(8, true),
    I32(4, true),
    I16(2, true),
    I8(1, true),
    U64(8, false),
    U32(4, true),
    U16(2, true),
    U8(1, true),
    BOOL(1, true);

    private final int sizeBytes;
    private final boolean readable;

    DataType(int sizeBytes, boolean readable) {
        this.sizeBytes = sizeBytes;
        this.readable = readable;
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
}
