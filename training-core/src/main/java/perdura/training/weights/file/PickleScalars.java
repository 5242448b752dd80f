package perdura.training.weights.file;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Reads the integers, texts and bytes of a pickle. Each has a greatest length, and all texts together. */
final class PickleScalars {
    private static final int MAX_TEXT_BYTES = 16 << 20;
    private static final long MAX_TEXT_BYTES_IN_ALL = 64 << 20;
    private static final int MAX_INTEGER_BYTES = 256;

    private final PickleInput in;
    private long textBytes;

    PickleScalars(PickleInput in) {
        this.in = in;
    }

    /**
     * An integer, least significant byte first.
     *
     * @param at place of its opcode, for messages
     */
    PickleValue integer(int length, long at) throws IOException {
        byte[] bytes = in.bytes(length, MAX_INTEGER_BYTES, at);
        for (int i = 0; i < bytes.length / 2; i++) {
            byte low = bytes[i];
            bytes[i] = bytes[bytes.length - 1 - i];
            bytes[bytes.length - 1 - i] = low;
        }
        BigInteger value = bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
        return value.bitLength() < Long.SIZE
                ? PickleValue.Scalar.of(value.longValue())
                : new PickleValue.Scalar("int", value);
    }

    PickleValue text(long length, long at) throws IOException {
        chargeText(length, at);
        return PickleValue.Scalar.of(in.text(length, MAX_TEXT_BYTES, at));
    }

    /** Text as Python 2 wrote it. */
    PickleValue oldText(int length, long at) throws IOException {
        chargeText(length, at);
        return PickleValue.Scalar.of(new String(in.bytes(length, MAX_TEXT_BYTES, at), StandardCharsets.ISO_8859_1));
    }

    private void chargeText(long length, long at) {
        textBytes += Math.max(0, length);
        if (textBytes < 0 || textBytes > MAX_TEXT_BYTES_IN_ALL) {
            throw in.fault(at, "more than " + MAX_TEXT_BYTES_IN_ALL + " bytes of text; no file of weights has as much");
        }
    }

    PickleValue bytes(long length, long at) throws IOException {
        in.bytes(length, MAX_TEXT_BYTES, at);
        return new PickleValue.Opaque("bytes");
    }
}
