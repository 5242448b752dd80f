package perdura.training.metric;

/** Numbers in descending order of their scores, equal ones in their own order. A merge sort of numbers, without objects. */
public final class Ranking {
    private static final int RUN = 8;

    private Ranking() {}

    /** The numbers {@code from} to {@code to - 1} of {@code scores}. */
    public static int[] descending(double[] scores, int from, int to) {
        int[] order = new int[to - from];
        for (int i = 0; i < order.length; i++) {
            order[i] = from + i;
        }
        return sorted(order, scores);
    }

    /** Some numbers; equal ones stay in the order given. */
    public static int[] descending(double[] scores, int[] numbers) {
        return sorted(numbers.clone(), scores);
    }

    private static int[] sorted(int[] numbers, double[] scores) {
        int[] sorted = numbers;
        int size = sorted.length;
        for (int begin = 0; begin < size; begin += RUN) {
            insertionSort(sorted, begin, Math.min(begin + RUN, size), scores);
        }
        int[] other = new int[size];
        for (int run = RUN; run < size; run *= 2) {
            for (int begin = 0; begin < size; begin += 2 * run) {
                int middle = Math.min(begin + run, size);
                merge(sorted, begin, middle, Math.min(middle + run, size), scores, other);
            }
            int[] held = sorted;
            sorted = other;
            other = held;
        }
        return sorted;
    }

    private static void insertionSort(int[] order, int begin, int end, double[] scores) {
        for (int i = begin + 1; i < end; i++) {
            int moved = order[i];
            int at = i;
            while (at > begin && scores[order[at - 1]] < scores[moved]) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = moved;
        }
    }

    private static void merge(int[] from, int begin, int middle, int end, double[] scores, int[] to) {
        int left = begin;
        int right = middle;
        for (int at = begin; at < end; at++) {
            boolean takesRight = left == middle || (right < end && scores[from[left]] < scores[from[right]]);
            to[at] = from[takesRight ? right++ : left++];
        }
    }
}
