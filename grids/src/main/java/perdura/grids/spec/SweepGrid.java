package perdura.grids.spec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import perdura.grids.spec.SweepSpec.SweepAxis;

/**
 * The points of a matrix, numbered. A point is, for each axis, the position of its value, or {@link #ABSENT} where the axis
 * takes no part. Axes that others look at vary slowest; apart from that the last axis varies fastest.
 *
 * <p>The points fall into blocks, one for each combination of the axes that others look at: in a block the same axes take
 * part, so it is a plain product. Without {@code when} there is one block.
 */
final class SweepGrid {
    static final int ABSENT = -1;
    /** More points have no numbers. */
    static final long MOST_POINTS = 1L << 62;

    static final int MOST_BLOCKS = 100_000;

    private final List<SweepAxis> axes;
    private final int[] parents;
    private final List<Block> blocks = new ArrayList<>();
    private final Map<List<Integer>, Block> byParents = new HashMap<>();
    private long size;

    /** @param shape positions of the block's parents; of other axes 0 or {@code ABSENT} */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never leaves this class
    private record Block(long start, int[] shape) {}

    /**
     * The grid of some axes.
     *
     * @throws IllegalArgumentException if axes look at each other in a circle or at none, or if there are over
     *     {@value #MOST_BLOCKS} combinations of those that others look at
     */
    SweepGrid(List<SweepAxis> axes) {
        this.axes = List.copyOf(axes);
        this.parents = inOrder();
        int[] shape = new int[axes.size()];
        addBlocks(0, shape);
    }

    /** Points in all; {@code Long.MAX_VALUE} if there are more than {@link #MOST_POINTS}. */
    long size() {
        return size;
    }

    /** The point of a number. */
    int[] point(long index) {
        int low = 0;
        int high = blocks.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (blocks.get(middle).start <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Block block = blocks.get(low);
        int[] point = block.shape.clone();
        long rest = index - block.start;
        for (int axis = point.length - 1; axis >= 0; axis--) {
            if (point[axis] != ABSENT && !isParent(axis)) {
                int radix = axes.get(axis).values().size();
                point[axis] = (int) (rest % radix);
                rest /= radix;
            }
        }
        return point;
    }

    /** The number of a point. Positions of axes that take no part in it don't count, and become {@code ABSENT}. */
    long index(int[] point) {
        List<Integer> key = new ArrayList<>(parents.length);
        for (int parent : parents) {
            if (!takesPart(parent, point)) {
                point[parent] = ABSENT;
            }
            key.add(point[parent]);
        }
        Block block = byParents.get(key);
        if (block == null) {
            throw new IllegalArgumentException("no point of the grid: " + Arrays.toString(point));
        }
        long offset = 0;
        for (int axis = 0; axis < point.length; axis++) {
            if (block.shape[axis] == ABSENT) {
                point[axis] = ABSENT;
            } else if (!isParent(axis)) {
                offset = offset * axes.get(axis).values().size() + point[axis];
            }
        }
        return block.start + offset;
    }

    private void addBlocks(int depth, int[] shape) {
        if (depth < parents.length) {
            int parent = parents[depth];
            if (!takesPart(parent, shape)) {
                shape[parent] = ABSENT;
                addBlocks(depth + 1, shape);
                return;
            }
            for (int i = 0; i < axes.get(parent).values().size(); i++) {
                shape[parent] = i;
                addBlocks(depth + 1, shape);
            }
            return;
        }
        if (blocks.size() == MOST_BLOCKS) {
            throw new IllegalArgumentException("'when' looks at axes that have together more than " + MOST_BLOCKS
                    + " combinations; give them fewer values");
        }
        int[] own = shape.clone();
        long points = 1;
        for (int axis = 0; axis < own.length; axis++) {
            if (!isParent(axis)) {
                own[axis] = takesPart(axis, own) ? 0 : ABSENT;
                points = own[axis] == ABSENT
                        ? points
                        : times(points, axes.get(axis).values().size());
            }
        }
        Block block = new Block(size, own);
        blocks.add(block);
        List<Integer> key = new ArrayList<>(parents.length);
        for (int parent : parents) {
            key.add(own[parent]);
        }
        byParents.put(key, block);
        size = size > MOST_POINTS || points > MOST_POINTS - size ? Long.MAX_VALUE : size + points;
    }

    private boolean takesPart(int axis, int[] point) {
        for (Map.Entry<String, List<Object>> condition : axes.get(axis).when().entrySet()) {
            int other = find(condition.getKey());
            if (point[other] == ABSENT
                    || !condition.getValue().contains(axes.get(other).values().get(point[other]))) {
                return false;
            }
        }
        return true;
    }

    private boolean isParent(int axis) {
        for (int parent : parents) {
            if (parent == axis) {
                return true;
            }
        }
        return false;
    }

    private int find(String path) {
        for (int axis = 0; axis < axes.size(); axis++) {
            if (axes.get(axis).path().equals(path)) {
                return axis;
            }
        }
        throw new IllegalArgumentException("'when' looks at " + path + ", which is no axis");
    }

    /** The axes that others look at, each after those that it looks at itself. */
    private int[] inOrder() {
        Set<Integer> looked = new LinkedHashSet<>();
        for (SweepAxis axis : axes) {
            axis.when().keySet().forEach(path -> looked.add(find(path)));
        }
        List<Integer> rest = new ArrayList<>(looked);
        rest.sort(null);
        List<Integer> order = new ArrayList<>();
        while (!rest.isEmpty()) {
            Integer next = rest.stream()
                    .filter(axis ->
                            axes.get(axis).when().keySet().stream().noneMatch(path -> rest.contains(find(path))))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("'when' goes in a circle through "
                            + axes.get(rest.get(0)).path()));
            order.add(next);
            rest.remove(next);
        }
        return order.stream().mapToInt(Integer::intValue).toArray();
    }

    private static long times(long a, long b) {
        return a > MOST_POINTS / b ? Long.MAX_VALUE : a * b;
    }
}
