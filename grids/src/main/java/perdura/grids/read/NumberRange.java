package perdura.grids.read;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import perdura.grids.codec.PlainValue;
import perdura.grids.codec.Problems;
import perdura.grids.codec.SpecNode;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;

/** Writes out {@code range: [from, to, step]} and {@code logRange: [from, to, count]}. A wrong one is a problem. */
final class NumberRange {
    static final int MOST_VALUES = 1_000_000;
    /** Digits of a logarithmic range's values: 1e-5 to 1e-3 in three steps has 1e-4, not 1.0000000000000003e-4. */
    private static final MathContext DIGITS = new MathContext(12, RoundingMode.HALF_EVEN);

    private final ParameterSchema parameter;
    private final SpecNode node;
    private final String path;
    private final Problems problems;

    NumberRange(ParameterSchema parameter, SpecNode node, String path, Problems problems) {
        this.parameter = parameter;
        this.node = node;
        this.path = path;
        this.problems = problems;
    }

    /** From {@code from} in steps up or down to {@code to}, which belongs to it if a step meets it. Decimals are exact. */
    List<Object> linear() {
        Optional<List<BigDecimal>> parts = parts("[from, to, step]");
        if (parts.isEmpty()) {
            return List.of();
        }
        BigDecimal from = parts.get().get(0);
        BigDecimal to = parts.get().get(1);
        BigDecimal step = parts.get().get(2);
        BigDecimal way = to.subtract(from);
        if (step.signum() == 0 || way.signum() * step.signum() < 0) {
            return wrong("never ends: steps of " + step + " do not lead from " + from + " to " + to);
        }
        BigDecimal last = way.divideToIntegralValue(step);
        if (last.compareTo(BigDecimal.valueOf(MOST_VALUES)) >= 0) {
            return wrong("has more than " + MOST_VALUES + " values; take greater steps");
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i <= last.intValueExact(); i++) {
            BigDecimal value = from.add(step.multiply(BigDecimal.valueOf(i)));
            if (!add(values, value)) {
                return List.of();
            }
        }
        return values;
    }

    /**
     * Values with equal ratios, rounded to 12 digits, or to integers for a parameter of these; both ends belong to it. Agrees
     * with {@code numpy.geomspace}.
     */
    List<Object> logarithmic() {
        Optional<List<BigDecimal>> parts = parts("[from, to, count]");
        if (parts.isEmpty()) {
            return List.of();
        }
        BigDecimal from = parts.get().get(0);
        BigDecimal to = parts.get().get(1);
        BigDecimal count = parts.get().get(2);
        if (from.signum() <= 0 || to.signum() <= 0) {
            return wrong("both ends of a logRange must be > 0, was " + from + " to " + to);
        }
        if (count.stripTrailingZeros().scale() > 0
                || count.compareTo(BigDecimal.valueOf(2)) < 0
                || count.compareTo(BigDecimal.valueOf(MOST_VALUES)) > 0) {
            return wrong("the count of a logRange must be an integer from 2 to " + MOST_VALUES + ", was " + count);
        }
        int steps = count.intValueExact() - 1;
        double logFrom = StrictMath.log(from.doubleValue());
        double logTo = StrictMath.log(to.doubleValue());
        List<Object> values = new ArrayList<>();
        for (int i = 0; i <= steps; i++) {
            double inner = StrictMath.exp(logFrom + (logTo - logFrom) * i / steps);
            if (!Double.isFinite(inner)) {
                return wrong("has values that are too great or too small");
            }
            BigDecimal value = i == 0 ? from : i == steps ? to : new BigDecimal(inner, DIGITS);
            boolean isWhole = parameter.type() instanceof ParameterType.Whole;
            if (!add(values, isWhole && i > 0 && i < steps ? value.setScale(0, RoundingMode.HALF_EVEN) : value)) {
                return List.of();
            }
        }
        return values;
    }

    private boolean add(List<Object> values, BigDecimal value) {
        boolean isWhole = parameter.type() instanceof ParameterType.Whole;
        if (isWhole && value.stripTrailingZeros().scale() > 0) {
            wrong("must give integers, gives " + value.toPlainString());
            return false;
        }
        Optional<Object> converted = PlainValue.convert(parameter, value.doubleValue());
        if (converted.isEmpty()) {
            wrong(parameter.type().rule() + ", was " + value);
            return false;
        }
        values.add(converted.get());
        return true;
    }

    private Optional<List<BigDecimal>> parts(String form) {
        boolean isNumber =
                parameter.type() instanceof ParameterType.Whole || parameter.type() instanceof ParameterType.Real;
        if (!isNumber) {
            wrong("a range is for numbers, and " + parameter.path() + " has none; list its values");
            return Optional.empty();
        }
        List<BigDecimal> parts = new ArrayList<>();
        if (node instanceof SpecNode.Sequence sequence) {
            for (SpecNode item : sequence.items()) {
                if (item instanceof SpecNode.Scalar scalar
                        && PlainValue.number(scalar).filter(Double::isFinite).isPresent()) {
                    parts.add(new BigDecimal(scalar.text()));
                }
            }
            if (parts.size() == 3 && sequence.items().size() == 3) {
                return Optional.of(parts);
            }
        }
        wrong("expected three numbers " + form + ", was " + node.kind());
        return Optional.empty();
    }

    private List<Object> wrong(String fault) {
        problems.add(node, path, fault);
        return List.of();
    }
}
