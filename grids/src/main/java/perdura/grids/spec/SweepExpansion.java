package perdura.grids.spec;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
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

    /** A strategy that has to leave out points gives up after so many draws, or 100 for each point that it seeks. */
    private static final long LEAST_DRAWS = 1_000_000;

    /** Bits of a Sobol number that are shifted. */
    private static final int BITS = 52;

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
        return stream().count();
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
        return stream().iterator();
    }

    private Stream<Parameters> stream() {
        Stream<Parameters> chosen = candidates()
                .filter(index -> !includedIndices.contains(index))
                .mapToObj(grid::point)
                .filter(positions -> !isExcluded(positions))
                .map(this::point)
                .filter(constraints)
                .limit(chosenPoints().orElse(Long.MAX_VALUE));
        return Stream.concat(included.stream(), chosen);
    }

    /** Each point once with each seed, the seeds of a point one after the other. */
    public Iterator<TrialSpec> trials() {
        return stream()
                .flatMap(point -> spec.points().seeds().stream()
                        .map(seed -> new TrialSpec(task.name(), task.version(), point, seed)))
                .iterator();
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

    /** Numbers of points of the matrix, each at most once, in the order in which the strategy wants them. */
    private LongStream candidates() {
        if (spec.strategy() instanceof StrategySpec.Random random && gridSize > 0) {
            IndexPermutation permutation = new IndexPermutation(gridSize, random.seed());
            return LongStream.range(0, Math.min(gridSize, draws(random.count())))
                    .map(permutation::at);
        }
        return spec.strategy() instanceof StrategySpec.Sobol own ? sobol(own) : LongStream.range(0, gridSize);
    }

    /** The point of the grid in whose cell a point of the cube lies, where an axis of n values cuts the cube into n cells. */
    private LongStream sobol(StrategySpec.Sobol strategy) {
        List<SweepAxis> axes = spec.points().axes();
        if (axes.isEmpty()) {
            return LongStream.empty();
        }
        Iterator<double[]> sequence = sobol.sequence(axes.size());
        SplitMix64 random = new SplitMix64(strategy.seed());
        long[] shift = new long[axes.size()];
        for (int axis = 0; axis < shift.length; axis++) {
            shift[axis] = random.next() >>> (Long.SIZE - BITS);
        }
        Set<Long> seen = new HashSet<>();
        return LongStream.range(0, draws(strategy.count()))
                .map(draw -> {
                    double[] unit = sequence.next();
                    int[] positions = new int[unit.length];
                    for (int axis = 0; axis < unit.length; axis++) {
                        double shifted =
                                Math.scalb((double) ((long) Math.scalb(unit[axis], BITS) ^ shift[axis]), -BITS);
                        positions[axis] =
                                (int) (shifted * axes.get(axis).values().size());
                    }
                    return grid.index(positions);
                })
                .filter(seen::add)
                .limit(grid.size());
    }

    private static long draws(long count) {
        return Math.max(LEAST_DRAWS, count > Long.MAX_VALUE / 100 ? Long.MAX_VALUE : 100 * count);
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

    /** A sequence of points that fills the unit cube evenly. */
    public interface UnitPoints {
        /** The sequence from its beginning; each point has {@code dimensions} numbers in [0, 1). */
        Iterator<double[]> sequence(int dimensions);
    }
}
