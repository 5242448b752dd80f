package perdura.benchmarks;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.store.Attempts;
import perdura.store.Commit;
import perdura.store.Commits;
import perdura.store.Database;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredCheckpoint;

/**
 * How fast commits become durable: whole transactions with fence check, points, checkpoint row, position and outbox row,
 * one after the other, on a local Postgres with fsync on. Argument: commits per round, default 200.
 */
public final class CommitPathBenchmark {
    private static final RunId RUN = new RunId("benchmark");
    private static final int ROUNDS = 5;
    private static final int POINTS = 1_000;
    private static final int KEYS = 10;
    private static final double TARGET = 50_000;

    private final Commits commits;
    private final long fence;
    private long step;

    private CommitPathBenchmark(Commits commits, long fence) {
        this.commits = commits;
        this.fence = fence;
    }

    public static void main(String[] args) throws IOException {
        int commitsPerRound = args.length > 0 ? Integer.parseInt(args[0]) : 200;
        try (ScratchPostgres postgres = new ScratchPostgres()) {
            Database database = postgres.database();
            new Runs(database)
                    .createRun(new NewRun(
                            RUN,
                            new Run.Identity("benchmark", "commit path", RunKind.PRETRAIN, "{}", "none", 1),
                            Map.of(),
                            Map.of()));
            long fence = new Attempts(database).claim(RUN, "benchmark", "none").fence();
            new CommitPathBenchmark(new Commits(database), fence).run(commitsPerRound);
        }
    }

    private void run(int commitsPerRound) {
        System.out.printf(
                Locale.ROOT, "%d points a commit, %d keys, %d commits a round%n", POINTS, KEYS, commitsPerRound);
        System.out.printf(Locale.ROOT, "%5s %12s %10s %10s%n", "round", "points/s", "median ms", "p95 ms");
        double best = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            double[] millis = new double[commitsPerRound];
            long start = System.nanoTime();
            for (int i = 0; i < commitsPerRound; i++) {
                Commit commit = nextCommit();
                long before = System.nanoTime();
                commits.publish(commit);
                millis[i] = (System.nanoTime() - before) / 1e6;
            }
            double rate = (double) commitsPerRound * POINTS / ((System.nanoTime() - start) / 1e9);
            best = Math.max(best, rate);
            Arrays.sort(millis);
            System.out.printf(
                    Locale.ROOT,
                    "%5d %12.0f %10.1f %10.1f%n",
                    round,
                    rate,
                    millis[millis.length / 2],
                    millis[millis.length * 95 / 100]);
        }
        System.out.printf(
                Locale.ROOT, "best %.0f points/s, target %.0f: %s%n", best, TARGET, best >= TARGET ? "met" : "missed");
    }

    private Commit nextCommit() {
        List<MetricPoint> points = new ArrayList<>();
        Instant time = Instant.now();
        for (int i = 0; i < POINTS / KEYS; i++) {
            for (int key = 0; key < KEYS; key++) {
                points.add(new MetricPoint("train/metric-" + key, Math.sin((double) step) / (key + 1), step, time));
            }
            step++;
        }
        return new Commit(
                RUN,
                fence,
                new Position(1, 0, step),
                "state-" + step,
                new StoredCheckpoint.Files("file:///artifacts/benchmark/" + step, "manifest-" + step, 1),
                false,
                points);
    }
}
