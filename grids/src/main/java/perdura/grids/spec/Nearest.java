package perdura.grids.spec;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the word that was probably meant. */
public final class Nearest {
    private static final int MOST_HINTS = 3;

    private Nearest() {}

    /** The known word with the least edit distance, if it is near enough to be meant. */
    public static Optional<String> find(String word, Collection<String> known) {
        int farthest = Math.max(1, (word.length() + 1) / 3);
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
                .filter(candidate -> distance(word, candidate) <= farthest);
    }

    /** "; did you mean 'x'?", or the known words. */
    public static String suggestion(String word, Collection<String> known) {
        return find(word, known)
                .map(nearest -> "; did you mean '" + nearest + "'?")
                .orElse("; known are " + String.join(", ", known));
    }

    /** "; the nearest: x, y", at most three, none that differs in more than half of its letters; empty if there are none. */
    public static String hint(String word, Collection<String> known) {
        String nearest = known.stream()
                .filter(name -> distance(word, name) <= Math.max(word.length(), name.length()) / 2)
                .sorted(Comparator.comparingInt((String name) -> distance(word, name))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(MOST_HINTS)
                .collect(Collectors.joining(", "));
        return nearest.isEmpty() ? "" : "; the nearest: " + nearest;
    }

    /** Letters to add, drop, change or swap with their neighbour (optimal string alignment); a letter's case does not count. */
    public static int distance(String first, String second) {
        String a = first.toLowerCase(Locale.ROOT);
        String b = second.toLowerCase(Locale.ROOT);
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] spare = beforeLast;
            beforeLast = last;
            last = row;
            row = spare;
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(last[j], row[j - 1]));
                boolean isSwapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (isSwapped) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
        }
        return row[b.length()];
    }
}
