package perdura.training.methods.sense;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.training.loop.StepDiagnostics;
import perdura.training.method.EpochPreparation;
import perdura.training.method.Method.JobInput;
import perdura.training.weights.InitialWeights;

/** A pre-training without the platform: each epoch is prepared, trained and validated in this process. */
final class SenseRun {
    private final PretrainSpec spec;
    private final DataSet data;
    private final int[] rows;
    private final Path folder;
    private final Map<Long, Path> prepared = new LinkedHashMap<>();

    /** What an epoch gave: means of its steps' metrics, and what its end told; and its clusters. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Epoch(Map<String, Double> metrics, List<String> events, int[] labels) {}

    /** @param rows that take part */
    SenseRun(PretrainSpec spec, DataSet data, int[] rows, Path folder) {
        this.spec = spec;
        this.data = data;
        this.rows = rows;
        this.folder = folder;
    }

    List<Epoch> train() throws IOException {
        List<Epoch> epochs = new ArrayList<>();
        EpochPreparation.Results results = step -> Objects.requireNonNull(prepared.get(step));
        JobInput input = new JobInput(data, InitialWeights.NONE, 1, 1, results, () -> {});
        long stepsPerEpoch = rows.length / spec.batchSize();
        EpochPreparation preparation = new SensePreparation(spec, stepsPerEpoch);
        try (SenseJob job = SenseMethod.open(spec, input, rows)) {
            for (long begin = 0; begin < job.totalSteps(); begin += stepsPerEpoch) {
                prepare(preparation, job, begin, results);
                job.epochBegins(job.positionAfter(begin));
                Map<String, Double> metrics = new LinkedHashMap<>();
                for (long step = begin; step < begin + stepsPerEpoch; step++) {
                    job.step(step)
                            .forEach((key, value) -> metrics.merge(
                                    key, key.startsWith("train/") ? value / stepsPerEpoch : value, Double::sum));
                }
                StepDiagnostics end =
                        job.epochEnded(new Position(1, (int) (begin / stepsPerEpoch), begin + stepsPerEpoch));
                metrics.putAll(end.metrics());
                PreparedClusters clusters = job.clusters();
                epochs.add(new Epoch(
                        metrics,
                        end.events().stream().map(event -> event.kind()).toList(),
                        clusters == null ? new int[0] : clusters.labels()));
            }
        }
        return epochs;
    }

    private void prepare(EpochPreparation preparation, SenseJob job, long step, EpochPreparation.Results results)
            throws IOException {
        List<Path> shards = new ArrayList<>();
        for (int shard = 0; shard < preparation.shards(step); shard++) {
            shards.add(Files.createTempDirectory(folder, "shard"));
            preparation.computeShard(job, step, shard, shards.get(shard), () -> {});
        }
        if (!shards.isEmpty()) {
            Path combined = Files.createTempDirectory(folder, "combined");
            Path scratch = Files.createTempDirectory(folder, "scratch");
            preparation.combine(
                    new EpochPreparation.Combination(step, shards, results, 1, scratch, () -> {}), combined);
            prepared.put(step, combined);
        }
    }
}
