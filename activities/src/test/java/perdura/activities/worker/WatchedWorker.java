package perdura.activities.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import perdura.activities.cpu.DataPreparation;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PretrainSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.method.EpochPreparation;

/**
 * A real worker in a process of its own, with {@link WatchedSlot}s. It logs what a combination has in scratch whenever that changes, and halts
 * where a test has left a mark ({@link ToyPreparation#killAt}).
 */
final class WatchedWorker {
    /** Of a file's name in scratch, what the log and the marks show. */
    private static final int SHOWN = "round-000001".length();

    private WatchedWorker() {}

    static Process start(WorkerConfig config) throws IOException {
        return SupervisorProgram.start(config, WatchedWorker.class);
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        WorkerConfig config = SlotSettings.read(in).worker();
        DurableEffects effects = DurableEffects.counting();
        new WorkerSupervisor(
                        config,
                        effects,
                        database -> new WatchedData(WorkerSupervisor.ingestedData(database, config, effects)),
                        WatchedSlot.class.getName())
                .run();
    }

    private record WatchedData(DataPreparation real) implements DataPreparation {
        @Override
        public DataPlan prepare(PretrainSpec spec, @Nullable String knownDigest, Runnable beat) {
            return real.prepare(spec, knownDigest, beat);
        }

        @Override
        public @Nullable EpochPreparation epochs(PretrainSpec spec, long stepsPerEpoch) {
            EpochPreparation epochs = real.epochs(spec, stepsPerEpoch);
            return epochs == null ? null : new WatchedCombination(epochs);
        }
    }

    private record WatchedCombination(EpochPreparation real) implements EpochPreparation {
        @Override
        public int shards(long step) {
            return real.shards(step);
        }

        @Override
        public void computeShard(TrainingJob job, long step, int shard, Path folder, Runnable alive)
                throws IOException {
            real.computeShard(job, step, shard, folder, alive);
        }

        @Override
        public void combine(Combination of, Path folder) throws IOException {
            Path root = ToyPreparation.root(folder);
            String[] seen = {""};
            Runnable watch = () -> {
                String now = newest(of.scratch());
                if (!now.equals(seen[0])) {
                    seen[0] = now;
                    ToyPreparation.begin(root, now.substring(0, SHOWN) + " at " + of.step());
                }
                of.alive().run();
            };
            real.combine(
                    new Combination(of.step(), of.shards(), of.earlier(), of.threads(), of.scratch(), watch), folder);
        }

        private static String newest(Path scratch) {
            try (Stream<Path> files = Files.list(scratch)) {
                List<String> names = files.map(file -> String.valueOf(file.getFileName()))
                        .filter(name -> name.startsWith("round-"))
                        .sorted()
                        .toList();
                return names.isEmpty() ? "" : names.get(names.size() - 1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
