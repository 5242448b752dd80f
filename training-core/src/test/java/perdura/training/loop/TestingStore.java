package perdura.training.loop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import perdura.training.loop.TrainLoop.CommitSink;
import perdura.training.loop.TrainLoop.TrainCommit;

/** Keeps commits in memory, as the store does in Postgres. */
final class TestingStore implements CommitSink {
    private final List<TrainCommit> published = new CopyOnWriteArrayList<>();

    @Override
    public void publish(TrainCommit commit) {
        published.add(commit);
    }

    List<TrainCommit> published() {
        return published;
    }

    TrainCommit last() {
        return published.get(published.size() - 1);
    }

    List<Long> steps() {
        return published.stream()
                .map(commit -> commit.checkpoint().position().step())
                .toList();
    }
}
