package perdura.training.weights.file;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/**
 * Reads pickles of protocols 2 to 5 as data. It executes nothing: a name outside {@link AllowedGlobal} is refused at its
 * byte, and the allowed ones are words of which {@link PickleObjects} makes plain values. Its memory is bounded: the
 * values, the memo and the nesting have limits, and a length must fit the file.
 */
final class Unpickler implements PickleObjects.Site {
    private static final int LOWEST_PROTOCOL = 2;
    private static final int HIGHEST_PROTOCOL = 5;

    private static final int MAX_NAME_BYTES = 1_000;

    private final PickleInput in;
    private final PickleObjects objects = new PickleObjects(this);
    private final PickleStack stack = new PickleStack(this);
    private final PickleScalars scalars;
    private final Map<String, PickleValue.Storage> storages = new LinkedHashMap<>();
    private long at;

    private Unpickler(PickleInput in) {
        this.in = in;
        this.scalars = new PickleScalars(in);
    }

    /**
     * Reads one pickle, up to its end mark.
     *
     * @throws PerduraException INVALID_WEIGHTS with the place, if it is damaged, too large, or names what is not allowed
     */
    static PickleValue read(PickleInput in) throws IOException {
        return readWithStorages(in).root;
    }

    /** As {@link #read}, and tells which storages the pickle speaks of. */
    static Pickle readWithStorages(PickleInput in) throws IOException {
        Unpickler unpickler = new Unpickler(in);
        return new Pickle(unpickler.run(), unpickler.storages);
    }

    /**
     * A value.
     *
     * @param storages by key
     */
    record Pickle(PickleValue root, Map<String, PickleValue.Storage> storages) {}

    private PickleValue run() throws IOException {
        int first = in.u8();
        int protocol = first == 0x80 ? in.u8() : 0;
        if (protocol < LOWEST_PROTOCOL || protocol > HIGHEST_PROTOCOL) {
            throw in.fault(
                    0,
                    first == 0x80
                            ? "pickle protocol " + protocol + "; 2 to 5 are read"
                            : "no pickle of protocol 2 or later begins here");
        }
        while (true) {
            at = in.offset();
            int opcode = in.u8();
            if (opcode == '.') {
                return end();
            }
            step(opcode);
        }
    }

    private PickleValue end() {
        PickleValue result = stack.pop();
        if (stack.leftOver() > 0) {
            throw fault("the pickle ends with " + stack.leftOver() + " values left over");
        }
        return result;
    }

    private void step(int opcode) throws IOException {
        switch (opcode) {
            case '(' -> stack.mark();
            case '0' -> stack.pop();
            case '1' -> stack.popMark();
            case '2' -> stack.push(stack.top());
            case 'N' -> stack.push(PickleValue.Scalar.NONE);
            case 0x88 -> stack.push(PickleValue.Scalar.of(true));
            case 0x89 -> stack.push(PickleValue.Scalar.of(false));
            case 'J' -> stack.push(PickleValue.Scalar.of((long) in.i32()));
            case 'K' -> stack.push(PickleValue.Scalar.of((long) in.u8()));
            case 'M' -> stack.push(PickleValue.Scalar.of((long) in.u16()));
            case 0x8A -> stack.push(scalars.integer(in.u8(), at));
            case 0x8B -> stack.push(scalars.integer(in.i32(), at));
            case 'G' -> stack.push(new PickleValue.Scalar("float", in.bigEndianDouble()));
            case 'X' -> stack.push(scalars.text(in.i32() & 0xFFFFFFFFL, at));
            case 0x8C -> stack.push(scalars.text(in.u8(), at));
            case 0x8D -> stack.push(scalars.text(in.i64(), at));
            case 'U' -> stack.push(scalars.oldText(in.u8(), at));
            case 'T' -> stack.push(scalars.oldText(in.i32(), at));
            case 'B' -> stack.push(scalars.bytes(in.i32() & 0xFFFFFFFFL, at));
            case 'C' -> stack.push(scalars.bytes(in.u8(), at));
            case 0x8E, 0x96 -> stack.push(scalars.bytes(in.i64(), at));
            case ']', 0x8F -> stack.push(PickleValue.Sequence.empty());
            case 'a' -> append(List.of(stack.pop()));
            case 'e', 0x90 -> append(stack.popMark());
            case 0x91 -> stack.push(new PickleValue.Sequence(stack.popMark()));
            case ')' -> stack.push(new PickleValue.Tuple(List.of()));
            case 't' -> stack.push(new PickleValue.Tuple(stack.popMark()));
            case 0x85, 0x86, 0x87 -> stack.push(new PickleValue.Tuple(stack.pop(opcode - 0x84)));
            case '}' -> stack.push(PickleValue.Mapping.empty());
            case 's' -> put(stack.pop(2));
            case 'u' -> put(stack.popMark());
            case 'q' -> stack.memoize(in.u8());
            case 'r' -> stack.memoize(in.i32());
            case 0x94 -> stack.memoize(stack.memoSize());
            case 'h' -> stack.push(stack.recall(in.u8()));
            case 'j' -> stack.push(stack.recall(in.i32()));
            case 'c' -> stack.push(global(in.line(MAX_NAME_BYTES, at), in.line(MAX_NAME_BYTES, at)));
            case 0x93 -> stackGlobal();
            case 'R', 0x81 -> construct(opcode == 'R');
            case 0x92 -> constructWithKeywords();
            case 'b' -> build();
            case 'Q' -> stack.push(storage());
            case 0x95 -> in.i64(); // a frame's length: reading is buffered anyway
            default -> throw fault(unknown(opcode));
        }
    }

    private static String unknown(int opcode) {
        String shown = "opcode 0x%02X".formatted(opcode);
        return switch (opcode) {
            case 'i', 'o' -> shown + " makes an instance of a class; that is refused";
            case 0x82, 0x83, 0x84 -> shown + " names an entry of the extension registry; that is refused";
            case 0x97, 0x98 -> shown + " asks for a buffer outside the pickle; that is refused";
            default -> shown + " is not one that torch.save writes";
        };
    }

    private void append(List<PickleValue> items) {
        if (!(stack.top() instanceof PickleValue.Sequence list)) {
            throw fault("adds items to a value of kind " + stack.top().kind());
        }
        list.items().addAll(items);
    }

    private void put(List<PickleValue> keysAndValues) {
        if (!(stack.top() instanceof PickleValue.Mapping mapping)) {
            throw fault("adds entries to a value of kind " + stack.top().kind());
        }
        if (keysAndValues.size() % 2 != 0) {
            throw fault("a key without a value");
        }
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            mapping.entries().put(objects.key(keysAndValues.get(i)), keysAndValues.get(i + 1));
        }
    }

    private PickleValue.Global global(String module, String name) {
        String full = module + "." + name;
        return AllowedGlobal.find(full)
                .orElseThrow(() -> fault("names " + WeightFault.shown(full)
                        + ", which is not allowed in a file of weights; nothing was executed. If you trust the file,"
                        + " load it in Python and save model.state_dict() alone"));
    }

    private void stackGlobal() {
        List<PickleValue> names = stack.pop(2);
        if (names.get(0) instanceof PickleValue.Scalar module
                && names.get(1) instanceof PickleValue.Scalar name
                && module.value() instanceof String moduleText
                && name.value() instanceof String nameText) {
            stack.push(global(moduleText, nameText));
        } else {
            throw fault("a name that is no text");
        }
    }

    private void construct(boolean call) {
        List<PickleValue> typeAndArguments = stack.pop(2);
        stack.push(objects.make(typeAndArguments.get(0), typeAndArguments.get(1), call));
    }

    private void constructWithKeywords() {
        List<PickleValue> parts = stack.pop(3);
        if (!(parts.get(2) instanceof PickleValue.Mapping keywords)
                || !keywords.entries().isEmpty()) {
            throw fault("arguments by keyword; that is refused");
        }
        stack.push(objects.make(parts.get(0), parts.get(1), false));
    }

    private PickleValue storage() {
        PickleValue.Storage storage = objects.storage(stack.pop());
        PickleValue.Storage known = storages.putIfAbsent(storage.key(), storage);
        if (known != null && known.sizeBytes() != storage.sizeBytes()) {
            throw fault("storage " + WeightFault.shown(storage.key()) + " of " + storage.sizeBytes()
                    + " bytes, earlier it had " + known.sizeBytes());
        }
        return storage;
    }

    private void build() {
        PickleValue state = stack.pop();
        objects.build(stack.top(), state);
    }

    @Override
    public void charge(int count) {
        stack.charge(count);
    }

    @Override
    public PerduraException fault(String fault) {
        return in.fault(at, fault);
    }

    /** Reads the integers, texts and bytes of a pickle. Each has a greatest length, and all texts together. */
    private static final class PickleScalars {
        private static final int MAX_TEXT_BYTES = 16 << 20;
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
            if (textBytes < 0 || textBytes > ReadLimit.WEIGHT_TEXT_BYTES.most()) {
                throw in.fault(at, ReadLimit.WEIGHT_TEXT_BYTES.told());
            }
        }

        PickleValue bytes(long length, long at) throws IOException {
            in.bytes(length, MAX_TEXT_BYTES, at);
            return new PickleValue.Opaque("bytes");
        }
    }
}
