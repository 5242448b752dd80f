package perdura.store;

import java.util.Comparator;
import java.util.List;

/** Finds what somebody may have meant. */
final class NearestNames {
    private static final int SHOWN = 3;

    private NearestNames() {}

    /** At most three names, nearest first, none that differs in more than half of its letters. */
    static List<String> of(String wanted, List<String> known) {
        return known.stream()
                .filter(name -> distance(wanted, name) <= Math.max(wanted.length(), name.length()) / 2)
                .sorted(Comparator.comparingInt((String name) -> distance(wanted, name))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(SHOWN)
                .toList();
    }

    /** Levenshtein's distance: letters to add, drop or change. */
    static int distance(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[b.length()];
    }
}
