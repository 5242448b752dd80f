package perdura.training.weights.file;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.PerduraException;

/**
 * Reads pickles of protocols 2 to 5 as data. It executes nothing: a name outside {@link AllowedGlobal} is refused at its
 * byte, and the allowed ones are words of which {@link PickleObjects} makes plain values. Its memory is bounded: the
 * values, the memo and the nesting have limits, and a length must fit the file.
 */
final class Unpickler implements PickleObjects.Site {
    private static final int LOWEST_PROTOCOL = 2;
    private static final int HIGHEST_PROTOCOL = 5;

    /** A state dictionary of a thousand tensors makes 30,000 values. */
    private static final int MAX_VALUES = 3_000_000;

    private static final int MAX_MEMO = 1_000_000;
    private static final int MAX_MARKS = 1_000;
    private static final int MAX_TEXT_BYTES = 16 << 20;
    private static final long MAX_TEXT_BYTES_IN_ALL = 64 << 20;
    private static final int MAX_NAME_BYTES = 1_000;
    private static final int MAX_INTEGER_BYTES = 256;

    private final PickleInput in;
    private final PickleObjects objects = new PickleObjects(this);
    private final List<PickleValue> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Integer, PickleValue> memo = new HashMap<>();
    private final Map<String, PickleValue.Storage> storages = new LinkedHashMap<>();
    private long values;
    private long textBytes;
    private long at;

    private Unpickler(PickleInput in) {
        this.in = in;
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
        PickleValue result = pop();
        if (!stack.isEmpty() || !marks.isEmpty()) {
            throw fault("the pickle ends with " + stack.size() + " values left over");
        }
        return result;
    }

    private void step(int opcode) throws IOException {
        switch (opcode) {
            case '(' -> mark();
            case '0' -> pop();
            case '1' -> popMark();
            case '2' -> push(top());
            case 'N' -> push(PickleValue.Scalar.NONE);
            case 0x88 -> push(PickleValue.Scalar.of(true));
            case 0x89 -> push(PickleValue.Scalar.of(false));
            case 'J' -> push(PickleValue.Scalar.of((long) in.i32()));
            case 'K' -> push(PickleValue.Scalar.of((long) in.u8()));
            case 'M' -> push(PickleValue.Scalar.of((long) in.u16()));
            case 0x8A -> push(integer(in.u8()));
            case 0x8B -> push(integer(in.i32()));
            case 'G' -> push(new PickleValue.Scalar("float", in.bigEndianDouble()));
            case 'X' -> push(text(in.i32() & 0xFFFFFFFFL));
            case 0x8C -> push(text(in.u8()));
            case 0x8D -> push(text(in.i64()));
            case 'U' -> push(oldText(in.u8()));
            case 'T' -> push(oldText(in.i32()));
            case 'B' -> push(bytes(in.i32() & 0xFFFFFFFFL));
            case 'C' -> push(bytes(in.u8()));
            case 0x8E, 0x96 -> push(bytes(in.i64()));
            case ']', 0x8F -> push(PickleValue.Sequence.empty());
            case 'a' -> append(List.of(pop()));
            case 'e', 0x90 -> append(popMark());
            case 0x91 -> push(new PickleValue.Sequence(popMark()));
            case ')' -> push(new PickleValue.Tuple(List.of()));
            case 't' -> push(new PickleValue.Tuple(popMark()));
            case 0x85, 0x86, 0x87 -> push(new PickleValue.Tuple(pop(opcode - 0x84)));
            case '}' -> push(PickleValue.Mapping.empty());
            case 's' -> put(pop(2));
            case 'u' -> put(popMark());
            case 'q' -> memoize(in.u8());
            case 'r' -> memoize(in.i32());
            case 0x94 -> memoize(memo.size());
            case 'h' -> push(recall(in.u8()));
            case 'j' -> push(recall(in.i32()));
            case 'c' -> push(global(in.line(MAX_NAME_BYTES, at), in.line(MAX_NAME_BYTES, at)));
            case 0x93 -> stackGlobal();
            case 'R', 0x81 -> construct(opcode == 'R');
            case 0x92 -> constructWithKeywords();
            case 'b' -> build();
            case 'Q' -> push(storage());
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

    private void push(PickleValue value) {
        charge(1);
        stack.add(value);
    }

    @Override
    public void charge(int count) {
        values += count;
        if (values > MAX_VALUES) {
            throw fault("more than " + MAX_VALUES + " values; no file of weights has as many");
        }
    }

    private PickleValue top() {
        checkHeight(1);
        return stack.get(stack.size() - 1);
    }

    private PickleValue pop() {
        checkHeight(1);
        return stack.remove(stack.size() - 1);
    }

    /** The last {@code count} values, in the order in which they were pushed. */
    private List<PickleValue> pop(int count) {
        checkHeight(count);
        List<PickleValue> tail = stack.subList(stack.size() - count, stack.size());
        List<PickleValue> popped = new ArrayList<>(tail);
        tail.clear();
        return popped;
    }

    private void checkHeight(int wanted) {
        int floor = marks.isEmpty() ? 0 : marks.getLast();
        if (stack.size() - floor < wanted) {
            throw fault("takes a value that is not there");
        }
    }

    private void mark() {
        if (marks.size() >= MAX_MARKS) {
            throw fault("nested deeper than " + MAX_MARKS);
        }
        marks.addLast(stack.size());
    }

    private List<PickleValue> popMark() {
        Integer floor = marks.pollLast();
        if (floor == null) {
            throw fault("ends a list that was not begun");
        }
        return pop(stack.size() - floor);
    }

    private void memoize(int index) {
        if (index < 0 || memo.size() >= MAX_MEMO) {
            throw fault("memo entry " + Integer.toUnsignedString(index) + "; at most " + MAX_MEMO + " are kept");
        }
        memo.put(index, top());
    }

    private PickleValue recall(int index) {
        PickleValue value = memo.get(index);
        if (value == null) {
            throw fault("memo entry " + Integer.toUnsignedString(index) + " was never made");
        }
        return value;
    }

    private PickleValue integer(int length) throws IOException {
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

    private PickleValue text(long length) throws IOException {
        chargeText(length);
        return PickleValue.Scalar.of(in.text(length, MAX_TEXT_BYTES, at));
    }

    /** Text as Python 2 wrote it. */
    private PickleValue oldText(int length) throws IOException {
        chargeText(length);
        return PickleValue.Scalar.of(new String(in.bytes(length, MAX_TEXT_BYTES, at), StandardCharsets.ISO_8859_1));
    }

    private void chargeText(long length) {
        textBytes += Math.max(0, length);
        if (textBytes < 0 || textBytes > MAX_TEXT_BYTES_IN_ALL) {
            throw fault("more than " + MAX_TEXT_BYTES_IN_ALL + " bytes of text; no file of weights has as much");
        }
    }

    private PickleValue bytes(long length) throws IOException {
        in.bytes(length, MAX_TEXT_BYTES, at);
        return new PickleValue.Opaque("bytes");
    }

    private void append(List<PickleValue> items) {
        if (!(top() instanceof PickleValue.Sequence list)) {
            throw fault("adds items to a value of kind " + top().kind());
        }
        list.items().addAll(items);
    }

    private void put(List<PickleValue> keysAndValues) {
        if (!(top() instanceof PickleValue.Mapping mapping)) {
            throw fault("adds entries to a value of kind " + top().kind());
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
        List<PickleValue> names = pop(2);
        if (names.get(0) instanceof PickleValue.Scalar module
                && names.get(1) instanceof PickleValue.Scalar name
                && module.value() instanceof String moduleText
                && name.value() instanceof String nameText) {
            push(global(moduleText, nameText));
        } else {
            throw fault("a name that is no text");
        }
    }

    private void construct(boolean call) {
        List<PickleValue> typeAndArguments = pop(2);
        push(objects.make(typeAndArguments.get(0), typeAndArguments.get(1), call));
    }

    private void constructWithKeywords() {
        List<PickleValue> parts = pop(3);
        if (!(parts.get(2) instanceof PickleValue.Mapping keywords)
                || !keywords.entries().isEmpty()) {
            throw fault("arguments by keyword; that is refused");
        }
        push(objects.make(parts.get(0), parts.get(1), false));
    }

    private PickleValue storage() {
        PickleValue.Storage storage = objects.storage(pop());
        PickleValue.Storage known = storages.putIfAbsent(storage.key(), storage);
        if (known != null && known.sizeBytes() != storage.sizeBytes()) {
            throw fault("storage " + WeightFault.shown(storage.key()) + " of " + storage.sizeBytes()
                    + " bytes, earlier it had " + known.sizeBytes());
        }
        return storage;
    }

    private void build() {
        PickleValue state = pop();
        objects.build(top(), state);
    }

    @Override
    public PerduraException fault(String fault) {
        return in.fault(at, fault);
    }
}
