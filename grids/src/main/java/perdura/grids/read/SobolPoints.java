package perdura.grids.read;

import java.util.Iterator;
import java.util.stream.Stream;
import org.apache.commons.math3.random.SobolSequenceGenerator;
import perdura.grids.spec.SweepExpansion.UnitPoints;

/**
 * The Sobol sequence with the direction numbers of Joe and Kuo (2008, "new-joe-kuo-6"), not scrambled; agrees with
 * {@code scipy.stats.qmc.Sobol(d, scramble=False)}.
 */
final class SobolPoints implements UnitPoints {
    static final int MOST_DIMENSIONS = 1000;

    @Override
    public Iterator<double[]> sequence(int dimensions) {
        return Stream.generate(new SobolSequenceGenerator(dimensions)::nextVector)
                .iterator();
    }
}
