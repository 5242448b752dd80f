package perdura.training.weights.file;

/** The two 16-bit floating point formats. */
final class HalfFloat {
    private HalfFloat() {}

    /** The value of an IEEE 754 binary16; exact. */
    static float ofBinary16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >> 10) & 0x1F;
        int fraction = bits & 0x3FF;
        if (exponent == 0) {
            float value = fraction * 0x1p-24f; // zero and subnormal numbers
            return sign == 0 ? value : -value;
        }
        int wide = exponent == 0x1F ? 0xFF : exponent - 15 + 127;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    /** The value of a bfloat16, the upper half of a float; exact. */
    static float ofBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
