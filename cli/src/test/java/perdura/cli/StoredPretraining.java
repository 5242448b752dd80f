package perdura.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import perdura.datasets.data.DataSet;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
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
import perdura.training.loop.TrainingJob;
import perdura.training.method.Method;
import perdura.training.method.Method.JobInput;
import perdura.training.method.Methods;
import perdura.training.weights.InitialWeights;

/** Pre-trainings in a store, with a data set and a checkpoint whose files are there. */
final class StoredPretraining {
    private final Database database;
    private final PretrainSpec spec;
    private final DataSet data;
    private final Checkpoint checkpoint;

    /** Of PRIOR, with three stages. */
    StoredPretraining(Database database, Path folder) throws IOException {
        this(database, folder, """
            method: prior
            profile: tiny
            batchSize: 8
            model: {resnetWidth: 4, imagePoolHeads: 2, bertHidden: 32, bertFfn: 32, dim: 32, prototypes: 16}
            """);
    }

    /** @param settings lines of a spec: the method, and what makes it small */
    StoredPretraining(Database database, Path folder, String settings) throws IOException {
        this.database = database;
        Path artifacts = folder.resolve("artifacts");
        Path file = Files.writeString(Files.createDirectories(folder).resolve("spec.yaml"), """
            apiVersion: perdura/v1
            kind: Pretrain
            name: stored
            data: {dataset: stored}
            """ + settings);
        this.spec = Methods.load().specs().read(file, List.of());
        MimicCxrSynth.write(folder.resolve("data"), SynthConfig.of(60, 3), done -> {});
        Method method = Methods.load().of(spec);
        this.data = ingest(folder.resolve("data"), artifacts, method.ingestProfile(), method.imageSize(spec));
        this.checkpoint = train(artifacts);
        new DataSets(database)
                .record(new DataSets.NewDataSet(
                        data.header().digest(),
                        new StoredDataSet.Source(
                                "mimic-cxr", method.ingestProfile().word(), method.imageSize(spec)),
                        new StoredDataSet.Size(
                                data.size(),
                                data.header().images(),
                                data.header().patients()),
                        DataSet.folder(artifacts, data.header().digest())
                                .toUri()
                                .toString()));
    }

    private static DataSet ingest(Path root, Path artifacts, IngestSpec.Profile profile, int side) {
        IngestSpec standard = MimicCxrSynth.ingest(root, side, 4);
        IngestSpec spec = new IngestSpec(
                standard.set(),
                standard.root(),
                profile,
                side,
                standard.vocabulary(),
                standard.minSentences(),
                standard.sections(),
                standard.list(),
                standard.sampling(),
                false,
                false);
        try (Ingest ingest = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            return DataSet.open(
                    DataSet.folder(artifacts, ingest.makeAll(1, () -> {}).digest()));
        }
    }

    private Checkpoint train(Path artifacts) {
        JobInput input = new JobInput(
                data,
                InitialWeights.NONE,
                1,
                1,
                step -> {
                    throw new IllegalStateException("nothing is prepared");
                },
                () -> {});
        try (TrainingJob job = Methods.load().of(spec).open(spec, input)) {
            job.epochBegins(job.positionAfter(0));
            job.step(0);
            return new CheckpointWriter(artifacts, new RunId("stored"), 1, "hash", DurableEffects.counting())
                    .write(job.positionAfter(1), job.copyState(), null);
        }
    }

    /** A run that has ended as many of its stages. */
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
            Position next = i == spec.method().stages().size() - 1
                    ? new Position(i + 1, spec.method().stages().get(i).epochs(), step)
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
