package perdura.training.methods.prior.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.PairBatches;
import perdura.datasets.data.SplitRows;
import perdura.datasets.data.ValidationBatches;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.PretrainSpec.InitialWeightsSpec;
import perdura.grids.spec.PretrainSpec.PrepareSpec;
import perdura.grids.spec.PretrainSpec.ResumeSpec;
import perdura.grids.spec.PretrainSpec.ValidationSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.golden.PriorSpecs;
import perdura.training.golden.TestingMimic;
import perdura.training.methods.prior.PriorJob;
import perdura.training.methods.prior.model.TrainedPrior;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;
import perdura.training.weights.InitialWeights;

/** All pictures of a model with its first weights, on synthetic studies. */
class TestFigures {
    private static final ModelSpec MODEL = PriorSpecs.tiny(LamActivation.SIGMOID, 0, PriorSpecs.SPB, PriorSpecs.CCR);

    @TempDir
    private static Path shared;

    private static DataSet data;
    private static CheckpointWeights weights;

    @BeforeAll
    static void trainAStep() {
        MimicCxrSynth.write(shared.resolve("data"), SynthConfig.of(60, 3), done -> {});
        data = TestingMimic.ingest(ingest(), shared.resolve("artifacts"));
        PretrainSpec spec = spec(List.of(PriorSpecs.stage(3, 1)));
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
            CheckpointWriter writer = new CheckpointWriter(
                    shared.resolve("artifacts"), new RunId("figures"), 1, "hash", DurableEffects.counting());
            Checkpoint checkpoint = writer.write(job.positionAfter(1), job.copyState(), null);
            weights = new CheckpointWeights(checkpoint.folder(), checkpoint.manifestDigest());
        }
    }

    private static IngestSpec ingest() {
        Path root = shared.resolve("data");
        return MimicCxrSynth.ingest(root, MODEL.imageSize(), 4);
    }

    private static PretrainSpec spec(List<StageSpec> stages) {
        return new PretrainSpec(
                "figures",
                "tests",
                "tiny",
                1,
                8,
                null,
                new PriorSpec(MODEL, new AugmentSpec(0, false, false), stages),
                DataSpec.ingested("data", DataSpec.Split.TRAIN),
                InitialWeightsSpec.NONE,
                new OptimizerSpec(OptimizerSpec.Algorithm.ADAM, 0.9, 0.999, 1e-8, 1e-6, null),
                new PretrainSpec.Execution(
                        new CommitSpec(Duration.ofMinutes(1), null, 2),
                        new ResourceSpec("cpu", 1),
                        new ResumeSpec(ResumeSpec.Environment.RECORD),
                        PrepareSpec.NONE,
                        ValidationSpec.NONE));
    }

    @Test
    void everyPictureIsDrawnTheSameTwice(@TempDir Path folder) throws IOException {
        List<Path> first = drawAll(folder.resolve("first"));
        List<Path> second = drawAll(folder.resolve("second"));
        assertThat(first)
                .extracting(file -> file.getFileName().toString())
                .containsExactly(
                        "figure1-sentences.png",
                        "figure1-sentences.svg",
                        "figure1-sentences.csv",
                        "figure2-queries.png",
                        "figure2-queries.svg",
                        "figure3-attention.png",
                        "figure4-reconstructions.png",
                        "figure5-prototypes.png",
                        "figure5-prototypes.svg");
        for (int i = 0; i < first.size(); i++) {
            assertThat(second.get(i)).hasSameBinaryContentAs(first.get(i));
            if (first.get(i).toString().endsWith(".png")) {
                BufferedImage image = ImageIO.read(first.get(i).toFile());
                assertThat(image.getWidth()).isGreaterThanOrEqualTo(1500);
                assertThat(coloursOf(image))
                        .as("%s is no empty sheet", first.get(i))
                        .isGreaterThan(50);
            }
        }
        assertThat(folder.resolve("first"))
                .isDirectoryNotContaining(file -> file.getFileName().toString().startsWith(".new-"));
    }

    @Test
    void sentencesAreListedByTheirIdsWithoutTexts(@TempDir Path folder) throws IOException {
        List<Path> files = draw(PriorFigure.SENTENCES, folder, null);
        List<String> lines = Files.readAllLines(files.get(2));
        assertThat(lines.get(0)).isEqualTo("sample_id,sentence,prototype,without_x,without_y,with_x,with_y");
        assertThat(lines).hasSizeGreaterThan(20);
        assertThat(lines.subList(1, lines.size()))
                .allMatch(line -> line.matches("s\\d+,\\d+,\\d+(,-?\\d+\\.\\d{4}){4}"));
        assertThat(Files.readString(files.get(1))).contains("Sentence embeddings", "before the bank, stage 3");
    }

    @Test
    void anotherStageStandsAtTheLeft(@TempDir Path folder) throws IOException {
        List<Path> files = draw(PriorFigure.SENTENCES, folder, PriorSpecs.stage(1, 1));
        assertThat(Files.readString(files.get(1)))
                .contains("without the bank, end of stage 1", "after the bank, stage 3");
    }

    @Test
    void aStageShowsWhatItHas() {
        PretrainSpec spec = spec(List.of(PriorSpecs.stage(1, 1), PriorSpecs.stage(2, 1), PriorSpecs.stage(3, 1)));
        assertThat(PriorFigure.values())
                .filteredOn(figure -> figure.canShow(spec, 1))
                .containsExactly(PriorFigure.ATTENTION);
        assertThat(PriorFigure.values())
                .filteredOn(figure -> figure.canShow(spec, 2))
                .containsExactly(PriorFigure.SENTENCES, PriorFigure.QUERIES, PriorFigure.ATTENTION);
        assertThat(PriorFigure.values()).allMatch(figure -> figure.canShow(spec, 3));
        assertThat(PriorFigure.PROTOTYPES.need()).isEqualTo("a checkpoint of a stage with ccr");
    }

    @Test
    void aFolderThatCantBeMadeIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        assertThatThrownBy(() -> draw(PriorFigure.QUERIES, file.resolve("in"), null))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("figure2-queries.png can't be written")
                .hasMessageEndingWith("give another place with --out");
    }

    private static List<Path> drawAll(Path folder) {
        List<Path> all = new ArrayList<>();
        for (PriorFigure figure : PriorFigure.values()) {
            all.addAll(draw(figure, folder, null));
        }
        return all;
    }

    private static List<Path> draw(PriorFigure figure, Path folder, @Nullable StageSpec other) {
        StageSpec stage = PriorSpecs.stage(3, 1);
        int pieces = data.vocabulary().size();
        try (Torch torch = Torch.start("cpu", 1);
                TrainedPrior model = TrainedPrior.open(torch, MODEL, stage, pieces, weights);
                TrainedPrior without =
                        TrainedPrior.open(torch, MODEL, other == null ? stage : other, pieces, weights)) {
            FigureSource source = new FigureSource(torch, model, stage, data, 7);
            return new PriorFigures(folder)
                    .draw(figure, source, other == null ? null : new FigureSource(torch, without, other, data, 7));
        }
    }

    private static long coloursOf(BufferedImage image) {
        return IntStream.range(0, image.getWidth() * image.getHeight())
                .map(i -> image.getRGB(i % image.getWidth(), i / image.getWidth()))
                .distinct()
                .count();
    }
}
