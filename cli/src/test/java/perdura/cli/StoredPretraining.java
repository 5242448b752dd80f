package perdura.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.PairBatches;
import perdura.datasets.data.SplitRows;
import perdura.datasets.data.ValidationBatches;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.store.Attempt;
import perdura.store.Attempts;
import perdura.store.Commit;
import perdura.store.Commits;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredCheckpoint;
import perdura.store.StoredDataSet;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.method.Methods;
import perdura.training.methods.prior.PriorJob;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.weights.InitialWeights;

/** Pre-trainings of three stages in a store, with a data set and a checkpoint whose files are there. */
final class StoredPretraining {
    private final Database database;
    private final PretrainSpec spec;
    private final DataSet data;
    private final Checkpoint checkpoint;

    StoredPretraining(Database database, Path folder) throws IOException {
        this.database = database;
        Path artifacts = folder.resolve("artifacts");
        Path file = Files.writeString(folder.resolve("spec.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: stored
                method: prior
                profile: tiny
                batchSize: 8
                model: {resnetWidth: 4, imagePoolHeads: 2, bertHidden: 32, bertFfn: 32, dim: 32, prototypes: 16}
                data: {dataset: stored}
                """);
        this.spec = Methods.load().specs().read(file, List.of());
        MimicCxrSynth.write(folder.resolve("data"), SynthConfig.of(60, 3), done -> {});
        this.data = ingest(
                folder.resolve("data"), artifacts, PriorSpec.of(spec).model().imageSize());
        this.checkpoint = train(artifacts);
        new DataSets(database)
                .record(new DataSets.NewDataSet(
                        data.header().digest(),
                        new StoredDataSet.Source(
                                "mimic-cxr", "prior", PriorSpec.of(spec).model().imageSize()),
                        new StoredDataSet.Size(
                                data.size(),
                                data.header().images(),
                                data.header().patients()),
                        DataSet.folder(artifacts, data.header().digest())
                                .toUri()
                                .toString()));
    }

    private static DataSet ingest(Path root, Path artifacts, int side) {
        IngestSpec spec = MimicCxrSynth.ingest(root, side, 4);
        try (Ingest ingest = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            return DataSet.open(
                    DataSet.folder(artifacts, ingest.makeAll(1, () -> {}).digest()));
        }
    }

    private Checkpoint train(Path artifacts) {
        int[] rows = SplitRows.of(data, DataSpec.Split.TRAIN);
        try (PairBatches batches = new PairBatches(data, rows, PriorJob.batchConfig(spec, 1));
                PriorJob job = PriorJob.open(
                        spec,
                        batches,
                        ValidationBatches.of(data, DataSpec.Split.TRAIN, 0, PriorJob.batchConfig(spec, 1)),
                        InitialWeights.NONE,
                        data.vocabulary().size(),
                        1)) {
            job.step(0);
            return new CheckpointWriter(artifacts, new RunId("stored"), 1, "hash", DurableEffects.counting())
                    .write(job.positionAfter(1), job.copyState(), null);
        }
    }

    /** A run that has ended as many of the three stages. */
    RunId run(String id, int stages) {
        RunId run = create(id);
        Attempt attempt = new Attempts(database).claim(run, "host/0", "pytorch cpu 1");
        long epochs = spec.method().stages().stream()
                .mapToLong(stage -> stage.epochs())
                .sum();
        new Runs(database).recordPlan(run, data.header().digest(), epochs);
        long step = 0;
        for (int i = 0; i < stages; i++) {
            step += spec.method().stages().get(i).epochs(); // a step an epoch
            Position next = i == 2
                    ? new Position(3, spec.method().stages().get(2).epochs(), step)
                    : new Position(spec.method().stages().get(i + 1).stage(), 0, step);
            new Commits(database)
                    .publish(new Commit(
                            run,
                            attempt.fence(),
                            next,
                            checkpoint.stateDigest(),
                            new StoredCheckpoint.Files(
                                    checkpoint.folder().toUri().toString(),
                                    checkpoint.manifestDigest(),
                                    checkpoint.sizeBytes()),
                            true,
                            List.of()));
        }
        return run;
    }

    /** A run that has not begun. */
    RunId create(String id) {
        RunId run = new RunId(id);
        new Runs(database)
                .createRun(new NewRun(
                        run,
                        new Run.Identity(
                                "tests",
                                id,
                                RunKind.PRETRAIN,
                                Methods.load().specs().write(spec),
                                "h" + id,
                                1),
                        Map.of(),
                        Map.of()));
        return run;
    }
}
