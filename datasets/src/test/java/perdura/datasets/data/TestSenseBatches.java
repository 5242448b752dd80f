package perdura.datasets.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.image.BilinearResize;
import perdura.datasets.image.GrayImage;
import perdura.datasets.image.JpegFile;
import perdura.datasets.ingest.TestingMimic;
import perdura.datasets.text.WordPieceTokenizer;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;

class TestSenseBatches {
    private static final int STUDIES = 11;
    private static final int SIDE = TestingMimic.SIDE;
    private static final long SEED = 20261;

    @TempDir
    private static Path folder;

    private static TestingMimic mimic;
    private static DataSet data;

    @BeforeAll
    static void makeStudies() throws IOException {
        mimic = new TestingMimic(folder.resolve("mimic"));
        for (int i = 0; i < STUDIES; i++) {
            String study = Integer.toString(50_000_000 + i);
            mimic.study("10000001", study, "PA", "train").image("10000001", study, "b" + i, "AP", "train");
            mimic.report(
                    "10000001",
                    study,
                    "FINAL REPORT\n FINDINGS: No effusion. Lungs clear. Clear lungs. Lungs. " + "No. ".repeat(i)
                            + "\n");
        }
        IngestSpec prior = mimic.written();
        data = TestingMimic.ingest(
                new IngestSpec(
                        prior.set(),
                        prior.root(),
                        IngestSpec.Profile.SENSE,
                        SIDE,
                        prior.vocabulary(),
                        1,
                        IngestSpec.Sections.FINDINGS,
                        null,
                        prior.sampling(),
                        false,
                        false),
                folder.resolve("artifacts"));
    }

    @Test
    void batchesDontDependOnTheThreadsOrOnWhereAResumeBegins() {
        String whole = digest(1, 0);
        assertThat(digest(2, 0)).isEqualTo(whole);
        assertThat(digest(7, 0)).isEqualTo(whole);
        try (SenseBatches first = batches(2);
                SenseBatches resumed = batches(7)) {
            BatchDigest both = new BatchDigest();
            both.add(first.batch(3, 0));
            both.add(resumed.batch(3, 1));
            both.add(resumed.batch(3, 2));
            assertThat(both.finish()).isEqualTo(whole);
        }
        assertThat(digest(2, 1)).isNotEqualTo(whole);
    }

    @Test
    void studiesComeInTheOrderOfTheEpoch() {
        int[] order = new SenseDraws(SEED).order(3, STUDIES);
        try (SenseBatches batches = batches(1)) {
            assertThat(batches.batchesPerEpoch()).isEqualTo(3);
            for (int index = 0; index < 3; index++) {
                SenseBatch batch = batches.batch(3, index);
                for (int i = 0; i < 3; i++) {
                    assertThat(batch.studyKeys().get(i)).isEqualTo(order[3 * index + i]);
                }
            }
        }
    }

    @Test
    void viewsAreCropsOfOneImageInThreeNormalisedPlanes() {
        try (SenseBatches batches = batches(1)) {
            SenseBatch batch = batches.batch(0, 0);
            int plane = SIDE * SIDE;
            assertThat(batch.images().remaining()).isEqualTo(3 * 3 * plane);
            assertThat(batch.images()).isNotEqualTo(batch.momentumImages());
            for (int i = 0; i < plane; i++) {
                float grey = batch.images().get(i) * 0.229f + 0.485f;
                assertThat(grey * 255 - Math.round(grey * 255)).isBetween(-1e-3f, 1e-3f);
                assertThat(batch.images().get(plane + i) * 0.224f + 0.456f).isBetween(grey - 1e-5f, grey + 1e-5f);
                assertThat(batch.images().get(2 * plane + i) * 0.225f + 0.406f).isBetween(grey - 1e-5f, grey + 1e-5f);
            }
        }
    }

    @Test
    void textsAreTheDrawnSentencesOfEachStudy() {
        SenseDraws draws = new SenseDraws(SEED);
        try (SenseBatches batches = batches(1)) {
            SenseBatch batch = batches.batch(5, 1);
            List<String> sentences = TestStudyTexts.texts(batch.texts().get(0));
            assertThat(sentences).doesNotHaveDuplicates();
            for (int i = 0; i < batch.size(); i++) {
                int row = (int) batch.studyKeys().get(i);
                List<String> drawn = new ArrayList<>();
                for (int k : draws.subset(5, data.sampleId(row), SenseDraws.View.NORMAL, data.sentenceCount(row))) {
                    drawn.add(Arrays.toString(data.sentenceTokens(data.sentence(row, k))));
                }
                assertThat(TestStudyTexts.report(batch.texts().get(0), i)).isEqualTo(drawn);
            }
        }
    }

    @Test
    void withoutAugmentationBothViewsAreTheWholeStudy() {
        SenseBatches.Config standard = SenseBatches.Config.standard(SEED, 3, 1);
        try (SenseBatches batches = new SenseBatches(
                data,
                SplitRows.of(data, DataSpec.Split.TRAIN),
                new SenseBatches.Config(SEED, 3, 3, standard.reader(), false, false, false, 1))) {
            SenseBatch batch = batches.batch(2, 1);
            assertThat(batch.images()).isEqualTo(batch.momentumImages());
            assertThat(batch.texts().get(0).places())
                    .isEqualTo(batch.momentumTexts().get(0).places());
            long[] images = new long[3];
            for (int i = 0; i < 3; i++) {
                int row = (int) batch.studyKeys().get(i);
                assertThat(TestStudyTexts.report(batch.texts().get(0), i)).hasSize(data.sentenceCount(row));
                images[i] =
                        data.firstImage(row) + new SenseDraws(SEED).pick(2, data.sampleId(row), data.imageCount(row));
            }
            assertThat(batch.images()).isEqualTo(new StudyImages(data).plain(images));
        }
    }

    /** Sense.md 1.4: the file's image, straight to the model's side, for features, validation and retrieval alike. */
    @Test
    void theDeterministicViewIsResizedOnce() throws IOException {
        int row = 4;
        String study = Integer.toString(50_000_000 + row);
        GrayImage file = JpegFile.decode(Files.readAllBytes(mimic.imageFile("10000001", study, "a" + study)));
        GrayImage once = BilinearResize.resize(file, SIDE, SIDE);
        FloatBuffer expected = FloatBuffer.allocate(3 * SIDE * SIDE);
        Normalization.RGB.write(once.pixels(), expected, 0);
        int stored = SIDE * 256 / 224;
        GrayImage forCrops = BilinearResize.resize(file, stored, stored);
        assertThat(data.images().read(data.firstImage(row))).isEqualTo(forCrops.pixels());
        assertThat(BilinearResize.resize(forCrops, SIDE, SIDE).pixels())
                .as("resized twice")
                .isNotEqualTo(once.pixels());

        assertThat(new StudyImages(data).plain(new long[] {data.firstImage(row)}))
                .isEqualTo(expected);
        ImageBatchConfig whole = new ImageBatchConfig(0, 1, ImageBatchConfig.View.WHOLE, Normalization.RGB, 1);
        try (ImageBatches batches = new ImageBatches(data, new int[] {row}, whole)) {
            assertThat(batches.batch(0, 0).images()).isEqualTo(expected);
        }
    }

    @Test
    void aBatchInChunksHasTheSameStudies() {
        SenseBatches.Config standard = SenseBatches.Config.standard(SEED, 4, 1);
        int[] rows = SplitRows.of(data, DataSpec.Split.TRAIN);
        try (SenseBatches whole = new SenseBatches(data, rows, standard);
                SenseBatches halves = new SenseBatches(
                        data, rows, new SenseBatches.Config(SEED, 4, 2, standard.reader(), true, true, true, 1))) {
            SenseBatch batch = whole.batch(0, 1);
            SenseBatch same = halves.batch(0, 1);
            assertThat(same.images()).isEqualTo(batch.images());
            assertThat(same.studyKeys()).isEqualTo(batch.studyKeys());
            assertThat(same.texts()).extracting(StudyTexts::reports).containsExactly(2, 2);
            for (int i = 0; i < 4; i++) {
                assertThat(TestStudyTexts.report(same.momentumTexts().get(i / 2), i % 2))
                        .isEqualTo(TestStudyTexts.report(batch.momentumTexts().get(0), i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, 0, 3, 8})
    void aChunkThatDoesNotDivideTheBatchIsRefused(int chunk) {
        StudyTexts.Reader reader = StudyTexts.Reader.ofSentences(StudyTexts.Limits.STANDARD);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new SenseBatches.Config(SEED, 4, chunk, reader, true, true, true, 1))
                .withMessageEndingWith("was " + chunk + ", 4");
    }

    @Test
    void aJoinedReportIsOneTextWithDotsBetweenItsSentences() {
        StudyTexts.Limits limits = new StudyTexts.Limits(48, 24, 9);
        StudyTexts joined =
                StudyTexts.Reader.ofReports(limits, data.vocabulary()).read(data, new int[] {0});
        int dot = new WordPieceTokenizer(data.vocabulary()).tokenize(".")[0];
        List<Integer> pieces = new ArrayList<>();
        for (int[] sentence : data.sentences(0)) {
            if (!pieces.isEmpty()) {
                pieces.add(dot);
            }
            Arrays.stream(sentence).forEach(pieces::add);
        }
        assertThat(pieces).hasSizeGreaterThan(7);
        assertThat(TestStudyTexts.report(joined, 0))
                .containsExactly(pieces.subList(0, 7).toString());
    }

    @Test
    void bothImagesOfAStudyAreSeenInTime() {
        Set<Integer> picks = new HashSet<>();
        for (int epoch = 0; epoch < 20; epoch++) {
            picks.add(new SenseDraws(SEED).pick(epoch, data.sampleId(0), data.imageCount(0)));
        }
        assertThat(picks).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void tooFewStudiesAreRefused() {
        int[] rows = SplitRows.of(data, DataSpec.Split.TRAIN);
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> new SenseBatches(data, rows, SenseBatches.Config.standard(SEED, 12, 1)))
                .withMessageContaining("11 studies for a batchSize of 12");
    }

    private static String digest(int threads, long from) {
        BatchDigest digest = new BatchDigest();
        try (SenseBatches batches = batches(threads)) {
            for (long index = from; index < batches.batchesPerEpoch(); index++) {
                digest.add(batches.batch(3, index));
            }
        }
        return digest.finish();
    }

    private static SenseBatches batches(int threads) {
        return new SenseBatches(
                data, SplitRows.of(data, DataSpec.Split.TRAIN), SenseBatches.Config.standard(SEED, 3, threads));
    }
}
