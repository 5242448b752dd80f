package perdura.datasets.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;

/** Several who ingest the same at once. */
class TestIngestsAtOnce {
    private static final int STUDIES = 70; // three parts
    private static final int PATIENT = 10_000_000;
    private static final int STUDY = 50_000_000;

    @TempDir
    private Path root;

    @TempDir
    private Path artifacts;

    @TempDir
    private Path alone;

    private IngestSpec spec;
    private String digest;

    @BeforeEach
    void ingestAlone() throws IOException {
        spec = studies(root);
        digest = TestingMimic.ingest(spec, alone).header().digest();
    }

    private static IngestSpec studies(Path folder) throws IOException {
        TestingMimic mimic = new TestingMimic(folder);
        for (int i = 0; i < STUDIES; i++) {
            mimic.study(String.valueOf(PATIENT + i), String.valueOf(STUDY + i), "PA", "train");
        }
        return mimic.written();
    }

    @Test
    void theSecondWaitsUntilTheFirstIsDone() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch waiting = new CountDownLatch(1);
        List<String> digests = atOnce(List.of(
                () -> makeAll(spec, () -> {
                    begun.countDown();
                    await(waiting);
                }),
                () -> {
                    await(begun);
                    return makeAll(spec, waiting::countDown);
                }));
        assertThat(digests).containsExactly(digest, digest);
        assertNothingIsLeft();
    }

    @Test
    void whatTheFirstHasReadTheSecondDoesNotOpen() throws IOException {
        try (Ingest second = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            makeAll(spec, () -> {});
            Path image = imageOf(10);
            FileTime time = Files.getLastModifiedTime(image);
            Files.write(image, new byte[Math.toIntExact(Files.size(image))]);
            Files.setLastModifiedTime(image, time);
            assertThat(second.makeAll(2, () -> {}).digest()).isEqualTo(digest);
        }
    }

    @Test
    void manyThreadsEndWithTheSameDataSet() throws Exception {
        assertThat(atOnce(Collections.nCopies(4, () -> makeAll(spec, () -> {}))))
                .containsOnly(digest);
        assertNothingIsLeft();
    }

    @Test
    void theSameFilesInTwoFoldersAreOneDataSet(@TempDir Path copy) throws Exception {
        IngestSpec other = studies(copy);
        assertThat(atOnce(List.of(() -> makeAll(spec, () -> {}), () -> makeAll(other, () -> {}))))
                .containsOnly(digest);
        assertNothingIsLeft();
    }

    @Test
    void twoProcessesEndWithTheSameDataSet() throws Exception {
        List<Process> both =
                List.of(IngestProcess.start(root, artifacts, -1), IngestProcess.start(root, artifacts, -1));
        both.forEach(TestIngestsAtOnce::waitUntilThere);
        both.forEach(TestIngestsAtOnce::letGo);
        for (Process process : both) {
            assertThat(lastLine(process)).isEqualTo(digest);
            assertThat(process.waitFor()).isZero();
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 6, 11, 16})
    void oneThatWaitsGoesOnWhenTheOtherIsKilled(long instant) throws Exception {
        Process killed = IngestProcess.start(root, artifacts, instant);
        waitUntilThere(killed);
        List<String> digests = atOnce(List.of(
                () -> {
                    letGo(killed);
                    assertThat(killed.waitFor()).isEqualTo(DurableEffects.HALTED);
                    return makeAll(spec, () -> {});
                },
                () -> makeAll(spec, () -> {})));
        assertThat(digests).containsOnly(digest);
        assertNothingIsLeft();
    }

    @Test
    void stepsGoOnWhereSomebodyElseHasFinishedAndClearedAway() throws IOException {
        try (Ingest steps = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            assertThat(steps.plan(() -> {}).parts()).hasSize(3);
            steps.make(0, () -> {});
            makeAll(spec, () -> {});
            assertThat(steps.make(1, () -> {}).samples()).isPositive();
            assertThat(steps.finish(() -> {}).digest()).isEqualTo(digest);
            assertThat(steps.finish(() -> {}).digest()).as("once more").isEqualTo(digest);
        }
        assertNothingIsLeft();
    }

    @Test
    void aStrictIngestRefusesAPartThatALenientOneHasMade() throws IOException {
        Files.write(imageOf(10), new byte[] {1});
        try (Ingest lenient = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            lenient.plan(() -> {});
            assertThat(lenient.make(0, () -> {}).faults()).isEqualTo(1);
        }
        IngestSpec strict = TestingMimic.strict(spec);
        assertThatThrownBy(() -> makeAll(strict, () -> {}))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("a" + (STUDY + 10) + ".jpg");
    }

    private String makeAll(IngestSpec of, Runnable beat) {
        try (Ingest ingest = Ingest.open(of, artifacts, DurableEffects.counting())) {
            return ingest.makeAll(2, beat).digest();
        }
    }

    private Path imageOf(int study) {
        String patient = String.valueOf(PATIENT + study);
        return root.resolve("files/p10/p" + patient + "/s" + (STUDY + study) + "/a" + (STUDY + study) + ".jpg");
    }

    private static List<String> atOnce(List<Callable<String>> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(work.size());
        try {
            List<String> results = new ArrayList<>();
            for (Future<String> done : threads.invokeAll(work)) {
                results.add(done.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void waitUntilThere(Process process) {
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("there");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void letGo(Process process) {
        try {
            process.outputWriter().append('\n').flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String lastLine(Process process) {
        return process.inputReader().lines().reduce("", (before, line) -> line);
    }

    /** The data set, which of them is the newest, and the locks; whole, and openable. */
    private void assertNothingIsLeft() throws IOException {
        Path folder = artifacts.resolve("datasets");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .contains(digest)
                    .allMatch(name -> name.equals(digest) || name.startsWith(".newest-") || name.startsWith(".lock-"));
        }
        try (Stream<Path> files = Files.list(folder.resolve(digest));
                Stream<Path> expected = Files.list(alone.resolve("datasets").resolve(digest))) {
            assertThat(files.map(Path::getFileName))
                    .hasSameElementsAs(expected.map(Path::getFileName).toList());
        }
        assertThat(DataSet.open(folder.resolve(digest)).size()).isEqualTo(STUDIES);
    }
}
