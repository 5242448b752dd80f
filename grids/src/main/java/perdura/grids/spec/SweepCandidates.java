package perdura.grids.spec;

import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import perdura.grids.spec.SweepExpansion.UnitPoints;
import perdura.grids.spec.SweepSpec.StrategySpec;
import perdura.grids.spec.SweepSpec.SweepAxis;

/** Numbers of points of a grid in the order in which a strategy looks at them; none comes twice. */
interface SweepCandidates {
    /** A strategy that has to leave out points gives up after so many draws, or 100 for each point that it seeks. */
    long LEAST_DRAWS = 1_000_000;

    /** Bits of a Sobol number that are shifted. */
    int BITS = 52;

    /** The next one; nothing at the end. */
    OptionalLong next();

    static SweepCandidates all(long size) {
        return new SweepCandidates() {
            private long index;

            @Override
            public OptionalLong next() {
                return index < size ? OptionalLong.of(index++) : OptionalLong.empty();
            }
        };
    }

    static SweepCandidates random(long size, StrategySpec.Random strategy) {
        if (size == 0) {
            return OptionalLong::empty;
        }
        IndexPermutation permutation = new IndexPermutation(size, strategy.seed());
        long draws = Math.min(size, draws(strategy.count()));
        return new SweepCandidates() {
            private long index;

            @Override
            public OptionalLong next() {
                return index < draws ? OptionalLong.of(permutation.at(index++)) : OptionalLong.empty();
            }
        };
    }

    /** The point of the grid in whose cell a point of the cube lies, where an axis of n values cuts the cube into n cells. */
    static SweepCandidates sobol(SweepGrid grid, List<SweepAxis> axes, StrategySpec.Sobol strategy, UnitPoints points) {
        if (axes.isEmpty()) {
            return OptionalLong::empty;
        }
        Iterator<double[]> sequence = points.sequence(axes.size());
        SplitMix64 random = new SplitMix64(strategy.seed());
        long[] shift = new long[axes.size()];
        for (int axis = 0; axis < shift.length; axis++) {
            shift[axis] = random.next() >>> (Long.SIZE - BITS);
        }
        return new SweepCandidates() {
            private final Set<Long> seen = new HashSet<>();
            private long left = draws(strategy.count());

            @Override
            public OptionalLong next() {
                while (left-- > 0 && seen.size() < grid.size()) {
                    double[] unit = sequence.next();
                    int[] positions = new int[unit.length];
                    for (int axis = 0; axis < unit.length; axis++) {
                        double shifted =
                                Math.scalb((double) ((long) Math.scalb(unit[axis], BITS) ^ shift[axis]), -BITS);
                        positions[axis] =
                                (int) (shifted * axes.get(axis).values().size());
                    }
                    long index = grid.index(positions);
                    if (seen.add(index)) {
                        return OptionalLong.of(index);
                    }
                }
                return OptionalLong.empty();
            }
        };
    }

    private static long draws(long count) {
        return Math.max(LEAST_DRAWS, count > Long.MAX_VALUE / 100 ? Long.MAX_VALUE : 100 * count);
    }
}
