package perdura.workflows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How many shards of a sweep run at once, and how many trials each. */
final class ShardPlan {
    /** Small against a shard's quota, so that a shard which runs out leaves little unused. */
    static final int USUAL_WINDOW = 25;

    /** Shards of the usual window; with more trials at once the windows grow, since each change is told to every shard. */
    static final int USUAL_SHARDS = 16;

    /** More can't be of use: it is a shard's quota. */
    static final int LARGEST_WINDOW = 500;

    /** Keeps some dozens of slots busy. */
    private static final int AUTO = 4 * USUAL_WINDOW;

    private ShardPlan() {}

    /**
     * The windows of the shards. They sum to {@code concurrency}, and no window is smaller for a greater one: so a change never makes
     * room in one shard for what still runs in another.
     *
     * @param concurrency trials at once; 0: as many as there are free slots
     */
    static List<Integer> windows(int concurrency) {
        int trials = concurrency == 0 ? AUTO : concurrency;
        if (trials <= USUAL_WINDOW * USUAL_SHARDS) {
            return filled(trials, USUAL_WINDOW);
        }
        if (trials > LARGEST_WINDOW * USUAL_SHARDS) {
            return filled(trials, LARGEST_WINDOW);
        }
        List<Integer> windows = new ArrayList<>(Collections.nCopies(USUAL_SHARDS, trials / USUAL_SHARDS));
        for (int shard = 0; shard < trials % USUAL_SHARDS; shard++) {
            windows.set(shard, windows.get(shard) + 1);
        }
        return windows;
    }

    private static List<Integer> filled(int trials, int window) {
        List<Integer> windows = new ArrayList<>(Collections.nCopies(trials / window, window));
        if (trials % window > 0) {
            windows.add(trials % window);
        }
        return windows;
    }
}
