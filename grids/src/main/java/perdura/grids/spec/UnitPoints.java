package perdura.grids.spec;

import java.util.Iterator;

/** A sequence of points that fills the unit cube evenly. */
public interface UnitPoints {
    /** The sequence from its beginning; each point has {@code dimensions} numbers in [0, 1). */
    Iterator<double[]> sequence(int dimensions);
}
