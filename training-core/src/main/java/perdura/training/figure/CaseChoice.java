package perdura.training.figure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * An image that is shown for how well it was answered.
 *
 * @param index among all that were measured
 * @param standing among them
 */
public record CaseChoice(int index, Standing standing) {
    /** Where an image stands among all by its score. */
    public enum Standing {
        WORST("worst"),
        MIDDLE("middle"),
        BEST("best");

        private final String word;

        Standing(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /**
     * The worst, the middle and the best images, from the worst to the best; of equals the first comes first. Each once, all of them if there are few.
     *
     * @param scores the greater the better, not NaN
     * @param each how many of the worst, of the middle and of the best
     */
    public static List<CaseChoice> choose(double[] scores, int each) {
        List<Integer> order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> scores[i]))
                .toList();
        int size = order.size();
        int middle = Math.max(0, (size - each) / 2);
        TreeSet<Integer> ranks = new TreeSet<>();
        for (int from : new int[] {0, middle, Math.max(0, size - each)}) {
            IntStream.range(from, Math.min(size, from + each)).forEach(ranks::add);
        }
        List<CaseChoice> chosen = new ArrayList<>();
        for (int rank : ranks) {
            Standing standing = rank < each ? Standing.WORST : rank >= size - each ? Standing.BEST : Standing.MIDDLE;
            chosen.add(new CaseChoice(order.get(rank), standing));
        }
        return chosen;
    }

    /** The head of its column: the standing, and below it the score and the end of the id, as ids are long. */
    static ImageGrid.Column column(Standing standing, String score, String id) {
        String end = id.length() <= 12 ? id : "…" + id.substring(id.length() - 12);
        return new ImageGrid.Column(standing.word(), score + ", " + end);
    }
}
