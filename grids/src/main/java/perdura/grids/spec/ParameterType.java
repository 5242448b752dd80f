package perdura.grids.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What values a parameter of a task may have. A value is a {@code Long}, {@code Double}, {@code Boolean}, {@code String} or a
 * {@code List} of these.
 */
public sealed interface ParameterType {
    /** Whether a value is of this type and in its range. */
    boolean contains(@Nullable Object value);

    /** A whole number. Both ends belong to it; at most 2^53 - 1, which JSON keeps exactly. */
    record Whole(long least, long most) implements ParameterType {
        /** The greatest integer that canonical JSON keeps exactly. */
        public static final long GREATEST = (1L << 53) - 1;

        public Whole {
            if (least > most || least < -GREATEST || most > GREATEST) {
                throw new IllegalArgumentException("no range of whole numbers: " + least + " to " + most);
            }
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof Long number && number >= least && number <= most;
        }
    }

    /**
     * A finite number.
     *
     * @param hasLow whether {@code low} itself belongs to it
     * @param hasHigh whether {@code high} itself belongs to it
     */
    record Real(double low, boolean hasLow, double high, boolean hasHigh) implements ParameterType {
        public Real {
            if (!(low <= high)) {
                throw new IllegalArgumentException("no range of numbers: " + low + " to " + high);
            }
        }

        /** Over 0. */
        public static Real positive() {
            return new Real(0, false, Double.POSITIVE_INFINITY, false);
        }

        /** 0 and over. */
        public static Real notNegative() {
            return new Real(0, true, Double.POSITIVE_INFINITY, false);
        }

        /** [0, 1). */
        public static Real share() {
            return new Real(0, true, 1, false);
        }

        /** (0, 1]. */
        public static Real positiveShare() {
            return new Real(0, false, 1, true);
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof Double number
                    && Double.isFinite(number)
                    && (number > low || (hasLow && number == low))
                    && (number < high || (hasHigh && number == high));
        }
    }

    /** One of some words. */
    record Word(List<String> words) implements ParameterType {
        public Word {
            words = List.copyOf(words);
            if (words.isEmpty()) {
                throw new IllegalArgumentException("a parameter of words has at least one");
            }
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof String text && words.contains(text);
        }
    }

    /** True or false. */
    record Flag() implements ParameterType {
        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof Boolean;
        }
    }

    /** The name or digest of something that the store knows. Its digest, not its name, decides a trial's identity. */
    record Reference(Kind kind) implements ParameterType {
        /** What is named. */
        public enum Kind {
            /** An ingested data set. */
            DATASET("an ingested data set"),
            /** What an encoder begins with: a pre-training, or imported weights. */
            WEIGHTS("a pre-training or imported weights");

            private final String meaning;

            Kind(String meaning) {
                this.meaning = meaning;
            }

            /** For messages. */
            public String meaning() {
                return meaning;
            }
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof String text
                    && !text.isBlank()
                    && text.length() <= 1000
                    && text.chars().noneMatch(Character::isISOControl);
        }
    }

    /** A list of {@code least} to {@code most} values. */
    record ListOf(ParameterType element, int least, int most) implements ParameterType {
        public ListOf {
            if (element instanceof ListOf || element instanceof Reference || least < 0 || least > most) {
                throw new IllegalArgumentException("no list of " + least + " to " + most + " " + element);
            }
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof List<?> list
                    && list.size() >= least
                    && list.size() <= most
                    && list.stream().allMatch(element::contains);
        }
    }
}
