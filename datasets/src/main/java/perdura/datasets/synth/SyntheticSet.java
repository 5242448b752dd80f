package perdura.datasets.synth;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import perdura.datasets.file.FileTree;
import perdura.datasets.file.OrderedWork;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/**
 * Writes a synthetic data set: images and tables in the layout of a real one, the hidden truth ({@value #TRUTH}), and
 * {@value #MARKER}, which tells what it was made from. Every byte is a function of the configuration alone, on any number of
 * threads. Memory doesn't grow with the set.
 */
public final class SyntheticSet {
    /** The file of what the images really show, one JSON object a line. */
    public static final String TRUTH = "synthetic-truth.jsonl";
    /** The file that a finished synthetic data set has; written last. */
    public static final String MARKER = "synthetic.json";
    /** Raised when the same configuration gives other bytes than before. */
    public static final int VERSION = 2;

    private SyntheticSet() {}

    /**
     * Writes a data set beside its place and then renames it, so that a folder of that name is a whole data set. If the
     * same data set is there already, nothing happens.
     *
     * @param threads at least 1
     * @param done told the number of patients, or studies if those are counted, whose files are written; called from the
     *     calling thread
     * @throws PerduraException INVALID_SPEC if the folder holds anything else; ARTIFACT_STORE_UNAVAILABLE if it can't be
     *     written
     */
    public static void write(Path folder, SynthConfig config, int threads, LongConsumer done) {
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
            FileTree.delete(beside);
            try {
                Files.createDirectory(beside);
                fill(beside, config, threads, done);
                Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                FileTree.delete(beside);
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
            if (Arrays.equals(
                    RegularFile.read(marker, ReadLimit.STORE_FILE_BYTES),
                    marker(config).getBytes(StandardCharsets.UTF_8))) {
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
        Map<String, Object> settings = new TreeMap<>();
        settings.put("format", "perdura.synth." + config.format().key() + "/" + VERSION);
        settings.put(config.amount().unit().key(), config.amount().count());
        settings.put("seed", Long.toString(config.seed()));
        settings.put("difficulty", config.difficulty());
        settings.put("image_size", config.imageSize());
        if (config.format() == SynthConfig.Format.SIIM) {
            settings.put("copy", config.siimCopy().name());
        }
        if (config.shortReports() > 0) {
            settings.put("short_reports", config.shortReports());
        }
        return CanonicalJson.write(settings) + "\n";
    }

    private static void fill(Path folder, SynthConfig config, int threads, LongConsumer done) throws IOException {
        SetLayout layout = layout(folder, config);
        layout.begin();
        List<SetLayout.Table> grown = new ArrayList<>(List.of(new SetLayout.Table(TRUTH, "")));
        grown.addAll(layout.tables());
        try (TableFiles tables = new TableFiles(folder, grown)) {
            long[] count = {0};
            OrderedWork.run(
                    new PatientList(config),
                    threads,
                    () -> {},
                    patient -> new Part(patient.visits().size(), layout.write(patient)),
                    part -> {
                        tables.append(part.rows);
                        count[0] += config.amount().unit() == SynthConfig.Amount.Unit.STUDIES ? part.studies : 1;
                        done.accept(count[0]);
                    });
        }
        Files.writeString(folder.resolve(MARKER), marker(config));
    }

    private static SetLayout layout(Path folder, SynthConfig config) {
        return switch (config.format()) {
            case MIMIC_CXR -> new MimicCxrLayout(folder, config);
            case CHEXPERT -> new ChexpertLayout(folder, config);
            case RSNA -> new RsnaLayout(folder, config);
            case SIIM -> new SiimLayout(folder, config);
        };
    }

    /** What one patient adds. */
    private record Part(int studies, List<String> rows) {}

    /** The patients of a data set, in order. The last one's studies may be cut, if studies are counted. */
    private static final class PatientList implements Iterator<Patient> {
        private final SynthConfig config;
        private int drawn;
        private int studies;

        PatientList(SynthConfig config) {
            this.config = config;
        }

        @Override
        public boolean hasNext() {
            return switch (config.amount().unit()) {
                case PATIENTS -> drawn < config.amount().count();
                case STUDIES -> studies < config.amount().count();
            };
        }

        @Override
        public Patient next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Patient patient = Patient.draw(config, drawn);
            if (config.amount().unit() == SynthConfig.Amount.Unit.STUDIES) {
                patient = patient.withVisits(config.amount().count() - studies);
            }
            drawn++;
            studies += patient.visits().size();
            return patient;
        }
    }
}
