package perdura.activities.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.ingest.DataReport;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SyntheticSet;
import perdura.experiments.submit.LeakGuard;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.SourceSet;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.testkit.FreshDatabase;
import perdura.training.method.Methods;

class TestLeakGuard {
    private static final String IMAGES = "CheXpert-v1.0-small/train";

    @TempDir
    private Path folder;

    private FreshDatabase postgres;
    private Database database;
    private DataSets dataSets;

    @BeforeEach
    void start() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        dataSets = new DataSets(database);
        MimicCxrSynth.write(mimic(), SynthConfig.of(24, 5), done -> {});
        SyntheticSet.write(
                chexpert(),
                new SynthConfig(
                        SynthConfig.Format.CHEXPERT,
                        new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, 10),
                        5,
                        SynthConfig.DEFAULT_DIFFICULTY,
                        SynthConfig.Format.CHEXPERT.defaultImageSize(),
                        SynthConfig.SiimCopy.STAGE_1),
                1,
                done -> {});
    }

    @AfterEach
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    @Test
    void differentPatientsAreNoLeak() throws IOException {
        DataSet trained = ingest(SourceSet.MIMIC_CXR);
        ingest(SourceSet.CHEXPERT);
        assertThatCode(() -> check(trained, "[]")).doesNotThrowAnyException();
    }

    @Test
    void aTrainingImageInADownstreamSetIsRefusedUnlessTheSpecAllowsIt() throws IOException {
        Path planted = first(chexpert().resolve(IMAGES));
        DataSet trained = ingest(SourceSet.MIMIC_CXR);
        Files.copy(trainedImage(trained), planted, StandardCopyOption.REPLACE_EXISTING);
        DataSet tested = ingest(SourceSet.CHEXPERT);
        String name = tested.header().digest().substring(0, 12);

        assertThatThrownBy(() -> check(trained, "[]"))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LEAK))
                .hasMessageContaining(name + " all images is not unseen")
                .hasMessageContaining("1 of its images: ")
                .hasMessageContaining(planted.getFileName().toString());
        String allowed = "[{dataset: " + tested.header().digest() + ", reason: a test of ours}]";
        assertThatCode(() -> check(trained, allowed)).doesNotThrowAnyException();
    }

    private void check(DataSet trained, String allowedLeaks) throws IOException {
        PretrainSpec spec = Methods.load()
                .specs()
                .read(
                        Files.writeString(folder.resolve("tiny.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: tiny
                experiment: test
                method: prior
                profile: tiny
                data: {dataset: %s, allowedLeaks: %s}
                stages: [{stage: 1, epochs: 1}]
                """.formatted(
                                        trained.header().digest(), allowedLeaks)),
                        List.of());
        new LeakGuard(dataSets).check(spec, trained);
    }

    private DataSet ingest(SourceSet set) {
        Path root = set == SourceSet.MIMIC_CXR ? mimic() : chexpert();
        @Nullable Path vocabulary = set.hasReports() ? root.resolve(MimicCxrSynth.VOCABULARY) : null;
        IngestSpec spec = new IngestSpec(
                set,
                root,
                IngestSpec.Profile.PRIOR,
                64,
                vocabulary,
                4,
                IngestSpec.Sections.FINDINGS_IMPRESSION,
                null,
                IngestSpec.Sampling.STANDARD,
                true,
                false);
        Path artifacts = folder.resolve("artifacts");
        try (Ingest ingest = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            DataReport report = ingest.makeAll(1, () -> {});
            dataSets.record(IngestActivitiesImpl.newDataSet(report, artifacts));
            return DataSet.open(DataSet.folder(artifacts, report.digest()));
        }
    }

    /** The file of a frontal image of the training split. */
    private Path trainedImage(DataSet trained) throws IOException {
        for (long row = 0; row < trained.size(); row++) {
            if (trained.split(row).equals("train")) {
                String image = trained.array("image_ids").textAt(trained.firstImage(row));
                try (Stream<Path> files = Files.walk(mimic())) {
                    return files.filter(file -> file.endsWith(image + ".jpg"))
                            .findFirst()
                            .orElseThrow();
                }
            }
        }
        throw new IllegalStateException("no study is trained on");
    }

    private static Path first(Path images) throws IOException {
        try (Stream<Path> files = Files.walk(images)) {
            return files.filter(file -> file.toString().endsWith("view1_frontal.jpg"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    private Path mimic() {
        return folder.resolve("mimic");
    }

    private Path chexpert() {
        return folder.resolve("chexpert");
    }
}
