package perdura.training.weights.file;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.ReadLimit;

/** The stack and the memo of a pickle while it is read. Both have limits. */
final class PickleStack {
    private static final int MAX_MARKS = 1_000;

    /** A state dictionary of a thousand tensors makes 30,000 values. */
    private final int most = ReadLimit.WEIGHT_VALUES.mostInt();

    private final PickleObjects.Site site;
    private final List<PickleValue> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Integer, PickleValue> memo = new HashMap<>();
    private long values;

    PickleStack(PickleObjects.Site site) {
        this.site = site;
    }

    /** Values that are left, marks counted too. */
    int leftOver() {
        return stack.size() + marks.size();
    }

    int memoSize() {
        return memo.size();
    }

    void push(PickleValue value) {
        charge(1);
        stack.add(value);
    }

    /** Counts values that are made. */
    void charge(int count) {
        values += count;
        if (values > most) {
            throw site.fault(ReadLimit.WEIGHT_VALUES.told());
        }
    }

    PickleValue top() {
        checkHeight(1);
        return stack.get(stack.size() - 1);
    }

    PickleValue pop() {
        checkHeight(1);
        return stack.remove(stack.size() - 1);
    }

    /** The last {@code count} values, in the order in which they were pushed. */
    List<PickleValue> pop(int count) {
        checkHeight(count);
        List<PickleValue> tail = stack.subList(stack.size() - count, stack.size());
        List<PickleValue> popped = new ArrayList<>(tail);
        tail.clear();
        return popped;
    }

    private void checkHeight(int wanted) {
        int floor = marks.isEmpty() ? 0 : marks.getLast();
        if (stack.size() - floor < wanted) {
            throw site.fault("takes a value that is not there");
        }
    }

    void mark() {
        if (marks.size() >= MAX_MARKS) {
            throw site.fault("nested deeper than " + MAX_MARKS);
        }
        marks.addLast(stack.size());
    }

    List<PickleValue> popMark() {
        Integer floor = marks.pollLast();
        if (floor == null) {
            throw site.fault("ends a list that was not begun");
        }
        return pop(stack.size() - floor);
    }

    void memoize(int index) {
        if (index < 0 || memo.size() >= most) {
            throw site.fault("memo entry " + Integer.toUnsignedString(index) + "; at most " + most + " are kept");
        }
        memo.put(index, top());
    }

    PickleValue recall(int index) {
        PickleValue value = memo.get(index);
        if (value == null) {
            throw site.fault("memo entry " + Integer.toUnsignedString(index) + " was never made");
        }
        return value;
    }
}
