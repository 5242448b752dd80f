package perdura.training.synth;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.image.GrayJpeg;
import perdura.training.synth.SyntheticStudy.ReportForm;
import perdura.training.synth.SyntheticStudy.SyntheticImage;

/**
 * Writes a synthetic data set in the layout of MIMIC-CXR-JPG: images, reports, gzip tables, a vocabulary
 * ({@value #VOCABULARY}), the hidden truth ({@value #TRUTH}), and {@value #MARKER}, which tells what it was made from. Pixels
 * and texts are a function of the configuration alone.
 */
public final class MimicCxrSynth {
    /** The vocabulary's file name. */
    public static final String VOCABULARY = "vocab.txt";
    /** The file of what the images really show, one JSON object a line. */
    public static final String TRUTH = "synthetic-truth.jsonl";
    /** The file that a finished synthetic data set has. */
    public static final String MARKER = "synthetic.json";

    private final SynthConfig config;
    private final Path folder;
    private final LongConsumer studiesDone;
    private final AtomicLong done = new AtomicLong();

    private MimicCxrSynth(SynthConfig config, Path folder, LongConsumer studiesDone) {
        this.config = config;
        this.folder = folder;
        this.studiesDone = studiesDone;
    }

    /**
     * Writes a data set beside its place and then renames it, so that a folder of that name is a whole data set. If the
     * same data set is there already, nothing happens.
     *
     * @param studiesDone told the number of studies written so far; called from several threads
     * @throws PerduraException INVALID_SPEC if the folder holds anything else; ARTIFACT_STORE_UNAVAILABLE if it can't be
     *     written
     */
    public static void write(Path folder, SynthConfig config, LongConsumer studiesDone) {
        Path target = folder.toAbsolutePath().normalize();
        try {
            if (isThere(target, config)) {
                return;
            }
            Path parent = target.getParent();
            if (parent == null) {
                throw new PerduraException(ErrorCode.INVALID_SPEC, target + " is no place for a data set");
            }
            Files.createDirectories(parent);
            Path beside = parent.resolve("." + target.getFileName() + ".writing-"
                    + ProcessHandle.current().pid());
            delete(beside);
            try {
                Files.createDirectory(beside);
                new MimicCxrSynth(config, beside, studiesDone).writeAll();
                Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                delete(beside);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    target + ": the data set can't be written: " + e.getMessage(),
                    e);
        }
    }

    private static boolean isThere(Path target, SynthConfig config) throws IOException {
        if (!Files.exists(target)) {
            return false;
        }
        Path marker = target.resolve(MARKER);
        if (Files.exists(marker)) {
            if (Files.readString(marker).equals(marker(config))) {
                return true;
            }
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    target + " holds a synthetic data set with other settings; name another folder or remove this one");
        }
        if (Files.isDirectory(target)) {
            try (Stream<Path> entries = Files.list(target)) {
                if (entries.findAny().isEmpty()) {
                    return false;
                }
            }
        }
        throw new PerduraException(
                ErrorCode.INVALID_SPEC,
                target + " is not an empty folder; name a folder that is empty or doesn't exist");
    }

    private static String marker(SynthConfig config) {
        return CanonicalJson.write(Map.of(
                        "format", "perdura.synth.mimic-cxr/1",
                        "studies", config.studies(),
                        "seed", Long.toString(config.seed()),
                        "shortest_side", config.shortestSide(),
                        "longest_side", config.longestSide()))
                + "\n";
    }

    private void writeAll() throws IOException {
        List<SyntheticStudy> studies = IntStream.range(0, config.studies())
                .mapToObj(i -> SyntheticStudy.draw(config, i))
                .toList();
        List<String> truth = studies.parallelStream().map(this::writeStudy).toList();
        writeText(VOCABULARY, SynthVocabulary.text());
        writeText(TRUTH, String.join("", truth));
        writeTable("metadata", SynthTables.metadata(studies));
        writeTable("split", SynthTables.splits(studies));
        writeTable("chexpert", SynthTables.labels(studies));
        writeText(MARKER, marker(config));
    }

    /** Writes a study's files and returns its line of the truth. */
    private String writeStudy(SyntheticStudy study) {
        try {
            Path patient = folder.resolve("files")
                    .resolve("p" + study.patientId().substring(0, 2))
                    .resolve("p" + study.patientId());
            Path images = Files.createDirectories(patient.resolve("s" + study.studyId()));
            if (study.form() != ReportForm.MISSING) {
                Files.writeString(patient.resolve("s" + study.studyId() + ".txt"), ReportText.of(study, config.seed()));
            }
            List<DrawnImage> drawn = new ArrayList<>();
            for (SyntheticImage image : study.images()) {
                DrawnImage pixels = ChestDrawing.draw(study, image, config.seed());
                Files.write(
                        images.resolve(image.dicomId() + ".jpg"),
                        GrayJpeg.encode(pixels.pixels(), image.width(), image.height()));
                drawn.add(pixels);
            }
            studiesDone.accept(done.incrementAndGet());
            return SynthTruth.line(study, drawn);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeTable(String name, String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        Files.write(folder.resolve("mimic-cxr-2.0.0-" + name + ".csv.gz"), bytes.toByteArray());
    }

    private void writeText(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> entries;
        try (Stream<Path> walk = Files.walk(folder)) {
            entries = walk.sorted((a, b) -> b.compareTo(a)).toList();
        }
        for (Path entry : entries) {
            Files.delete(entry);
        }
    }
}
