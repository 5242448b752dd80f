package perdura.cli;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.datasets.data.Batch;
import perdura.datasets.data.BatchDigest;
import perdura.datasets.data.DataLoader;
import perdura.datasets.data.DataLoaders;
import perdura.datasets.data.DataSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the batches of an epoch, and tells their digest and how fast they came. */
@Command(
        name = "batches",
        description = {
            "Make the training batches of one epoch of an ingested data set, and tell their digest and speed.",
            "The digest is the same for any number of threads. With --from, it is that of what a resumed run sees."
        })
final class DataBatchesCommand extends Subcommand.Connected {
    @Parameters(index = "0", paramLabel = "NAME", description = "name or digest of the data set")
    private @Nullable String data;

    @Option(names = "--epoch", paramLabel = "E", description = "from 0; default: 0")
    private int epoch;

    @Option(names = "--seed", paramLabel = "S", description = "seed of the run; default: 0")
    private long seed;

    @Option(names = "--batch-size", paramLabel = "B", description = "default: 32")
    private int batchSize = 32;

    @Option(names = "--threads", paramLabel = "N", description = "that make batches; default: all cores")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--from", paramLabel = "I", description = "first batch of the epoch, from 0; default: 0")
    private long from;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    int run(Connections connections) {
        requireAtLeast("--epoch", epoch, 0);
        requireAtLeast("--batch-size", batchSize, 1);
        requireAtLeast("--threads", threads, 1);
        DataSet set = DataSet.open(
                connections.dataSets().loadDataSet(Objects.requireNonNull(data)).folder());
        try (DataLoader<?> stream = DataLoaders.of(set, seed, batchSize, threads)) {
            print(stream);
        }
        return 0;
    }

    private void print(DataLoader<?> stream) {
        if (from < 0 || from >= stream.batchesPerEpoch()) {
            throw wrong(
                    "--from must be 0 to " + (stream.batchesPerEpoch() - 1) + ", the epoch's last batch, was " + from);
        }
        BatchDigest digest = new BatchDigest();
        long samples = 0;
        long begun = System.nanoTime();
        for (long index = from; index < stream.batchesPerEpoch(); index++) {
            Batch batch = stream.batch(epoch, index);
            digest.add(batch);
            samples += batch.size();
        }
        double seconds = Math.max(1, System.nanoTime() - begun) / 1e9;
        Made made = new Made(stream.batchesPerEpoch() - from, samples, Math.round(samples / seconds), digest.finish());
        terminal.result(json ? Json.of(made) : made.words(epoch, threads));
    }

    /**
     * What came of it.
     *
     * @param samplesPerSecond made and digested
     */
    private record Made(long batches, long samples, long samplesPerSecond, String digest) {
        String words(int epoch, int threads) {
            return String.format(
                    Locale.ROOT,
                    "%d batches of epoch %d: %d samples, %d a second on %d thread(s)%ndigest %s",
                    batches,
                    epoch,
                    samples,
                    samplesPerSecond,
                    threads,
                    digest);
        }
    }

    private void requireAtLeast(String option, int value, int least) {
        if (value < least) {
            throw wrong(option + " must be at least " + least + ", was " + value);
        }
    }
}
