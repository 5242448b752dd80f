package perdura.grids.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.SweepSpec.StrategySpec;
import perdura.grids.spec.SweepSpec.SweepAxis;

/**
 * The points and trials of a sweep, made one at a time: the same ones in the same order whenever they are asked for, no two
 * equal. Memory does not grow with their number, but for Sobol points, which take some 50 bytes each.
 */
public final class SweepExpansion {
    /** The axes that {@code when} looks at have together at most so many combinations. */
    public static final int MOST_WHEN_COMBINATIONS = SweepGrid.MOST_BLOCKS;

    private final SweepSpec spec;
    private final TaskSchema task;
    private final Predicate<Parameters> constraints;
    private final UnitPoints sobol;
    private final SweepGrid grid;
    private final long gridSize;
    private final Parameters fixed;
    private final Set<Parameters> included = new LinkedHashSet<>();
    private final Set<Long> includedIndices = new HashSet<>();

    /**
     * The expansion of a sweep.
     *
     * @param task the one that the spec names
     * @param constraints whether the spec's constraints hold at a point
     * @throws IllegalArgumentException if the axes don't fit together
     */
    public SweepExpansion(SweepSpec spec, TaskSchema task, Predicate<Parameters> constraints, UnitPoints sobol) {
        if (!spec.task().equals(task.name())) {
            throw new IllegalArgumentException("the sweep runs " + spec.task() + ", not " + task.name());
        }
        this.spec = spec;
        this.task = task;
        this.constraints = constraints;
        this.sobol = sobol;
        this.grid = new SweepGrid(spec.points().axes());
        this.gridSize =
                spec.points().axes().isEmpty() && !spec.points().include().isEmpty() ? 0 : grid.size();
        this.fixed = spec.points().base().over(task.defaults());
        for (Parameters extra : spec.points().include()) {
            Parameters point = extra.over(fixed);
            included.add(point);
            indexOf(point).ifPresent(includedIndices::add);
        }
    }

    public SweepSpec spec() {
        return spec;
    }

    public TaskSchema task() {
        return task;
    }

    /** Points of the matrix, before {@code exclude} and the constraints; {@code Long.MAX_VALUE} for more than 2^62. */
    public long matrixPoints() {
        return gridSize;
    }

    /** No sweep has more points than this; known at once. */
    public long mostPoints() {
        long chosen = chosenPoints().orElse(gridSize);
        long most = Math.min(gridSize, chosen);
        return most > Long.MAX_VALUE - included.size() ? Long.MAX_VALUE : most + included.size();
    }

    /** Points in all. Known at once, unless points may be left out: then they are counted one by one. */
    public long countPoints() {
        if (spec.strategy() instanceof StrategySpec.Grid
                && spec.points().exclude().isEmpty()
                && spec.points().constraints().isEmpty()) {
            return gridSize - includedIndices.size() + included.size();
        }
        long count = 0;
        for (Iterator<Parameters> points = points(); points.hasNext(); points.next()) {
            count++;
        }
        return count;
    }

    /** Where a point stands in the matrix, left out or not; nothing if it is none of it. */
    public OptionalLong indexOf(Parameters point) {
        int[] positions = new int[spec.points().axes().size()];
        for (int axis = 0; axis < positions.length; axis++) {
            SweepAxis own = spec.points().axes().get(axis);
            positions[axis] = Math.max(0, own.values().indexOf(point.value(own.path())));
        }
        if (gridSize == 0 || gridSize > SweepGrid.MOST_POINTS) {
            return OptionalLong.empty();
        }
        long index = grid.index(positions);
        return point(positions).equals(point) ? OptionalLong.of(index) : OptionalLong.empty();
    }

    /** Whether a point belongs to the matrix, and {@code exclude} does not leave it out. */
    public boolean isInMatrix(Parameters point) {
        OptionalLong index = indexOf(point);
        return index.isPresent() && !isExcluded(grid.point(index.getAsLong()));
    }

    /** Every parameter of every point: those of {@code include} first. */
    public Iterator<Parameters> points() {
        return new Points();
    }

    /** Each point once with each seed, the seeds of a point one after the other. */
    public Iterator<TrialSpec> trials() {
        Iterator<Parameters> points = points();
        return new Iterator<>() {
            private @Nullable Parameters point;
            private int seed;

            @Override
            public boolean hasNext() {
                return point != null || points.hasNext();
            }

            @Override
            public TrialSpec next() {
                Parameters current = point == null ? points.next() : point;
                TrialSpec trial = new TrialSpec(
                        task.name(),
                        task.version(),
                        current,
                        spec.points().seeds().get(seed));
                seed = (seed + 1) % spec.points().seeds().size();
                point = seed == 0 ? null : current;
                return trial;
            }
        };
    }

    private OptionalLong chosenPoints() {
        if (spec.strategy() instanceof StrategySpec.Random random) {
            return OptionalLong.of(random.count());
        }
        if (spec.strategy() instanceof StrategySpec.Sobol own) {
            return OptionalLong.of(own.count());
        }
        return OptionalLong.empty();
    }

    private SweepCandidates candidates() {
        if (spec.strategy() instanceof StrategySpec.Random random) {
            return SweepCandidates.random(gridSize, random);
        }
        if (spec.strategy() instanceof StrategySpec.Sobol own) {
            return SweepCandidates.sobol(grid, spec.points().axes(), own, sobol);
        }
        return SweepCandidates.all(gridSize);
    }

    private Parameters point(int[] positions) {
        TreeMap<String, @Nullable Object> values = new TreeMap<>(fixed.values());
        for (int axis = 0; axis < positions.length; axis++) {
            if (positions[axis] != SweepGrid.ABSENT) {
                SweepAxis own = spec.points().axes().get(axis);
                values.put(own.path(), own.values().get(positions[axis]));
            }
        }
        return new Parameters(values);
    }

    private boolean isExcluded(int[] positions) {
        for (Parameters exclusion : spec.points().exclude()) {
            boolean matches = true;
            for (int axis = 0; axis < positions.length && matches; axis++) {
                SweepAxis own = spec.points().axes().get(axis);
                matches = !exclusion.values().containsKey(own.path())
                        || (positions[axis] != SweepGrid.ABSENT
                                && Objects.equals(
                                        exclusion.value(own.path()),
                                        own.values().get(positions[axis])));
            }
            if (matches) {
                return true;
            }
        }
        return false;
    }

    private final class Points implements Iterator<Parameters> {
        private final Iterator<Parameters> extra = new ArrayList<>(included).iterator();
        private final SweepCandidates candidates = candidates();
        private long left = chosenPoints().orElse(Long.MAX_VALUE);
        private Optional<Parameters> next = advance();

        @Override
        public boolean hasNext() {
            return next.isPresent();
        }

        @Override
        public Parameters next() {
            Parameters current = next.orElseThrow(NoSuchElementException::new);
            next = advance();
            return current;
        }

        private Optional<Parameters> advance() {
            if (extra.hasNext()) {
                return Optional.of(extra.next());
            }
            while (left > 0) {
                OptionalLong index = candidates.next();
                if (index.isEmpty()) {
                    return Optional.empty();
                }
                if (includedIndices.contains(index.getAsLong())) {
                    continue;
                }
                int[] positions = grid.point(index.getAsLong());
                if (isExcluded(positions)) {
                    continue;
                }
                Parameters point = point(positions);
                if (constraints.test(point)) {
                    left--;
                    return Optional.of(point);
                }
            }
            return Optional.empty();
        }
    }

    /** A sequence of points that fills the unit cube evenly. */
    public interface UnitPoints {
        /** The sequence from its beginning; each point has {@code dimensions} numbers in [0, 1). */
        Iterator<double[]> sequence(int dimensions);
    }

    /** Numbers of points of a grid in the order in which a strategy looks at them; none comes twice. */
    private interface SweepCandidates {
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
        static SweepCandidates sobol(
                SweepGrid grid, List<SweepAxis> axes, StrategySpec.Sobol strategy, UnitPoints points) {
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
}
