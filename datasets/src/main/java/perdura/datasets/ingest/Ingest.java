package perdura.datasets.ingest;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetHeader;
import perdura.datasets.file.OrderedWork;
import perdura.datasets.ingest.PartWriter.PartCollector;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.FaultList.DataFault;
import perdura.datasets.source.SourceTree;
import perdura.datasets.source.SourceTree.OverlaidTree;
import perdura.datasets.text.Vocabulary;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/**
 * One ingest: {@link #plan}, then {@link #make} for every part in any order and on any machine that sees the files and the
 * artifact store, then {@link #finish}. Each step may run again, or be killed at any instant: what is whole stays, and the
 * data set that comes out is the same to the byte. {@code make} is thread-safe.
 *
 * <p>Others may work on the same ingest at the same time: whoever plans or joins waits for who does so already, and what somebody else
 * has finished and cleared away is made again from its data set, by opening no image.
 */
public final class Ingest implements AutoCloseable {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final String REPORTS_ZIP = "mimic-cxr-reports.zip";

    private final IngestSpec spec;
    private final IngestFolder folder;
    private final SourceTree tree;
    private final @Nullable Vocabulary vocabulary;

    private Ingest(IngestSpec spec, IngestFolder folder, SourceTree tree, @Nullable Vocabulary vocabulary) {
        this.spec = spec;
        this.folder = folder;
        this.tree = tree;
        this.vocabulary = vocabulary;
    }

    /**
     * Opens the files of a data set.
     *
     * @throws PerduraException INVALID_DATA if the folder or the vocabulary is missing or damaged
     */
    public static Ingest open(IngestSpec spec, Path artifactRoot, DurableEffects effects) {
        SourceTree tree = openTree(spec);
        try {
            Vocabulary vocabulary = spec.vocabulary() == null ? null : Vocabulary.read(spec.vocabulary());
            return new Ingest(spec, new IngestFolder(artifactRoot, key(spec), effects), tree, vocabulary);
        } catch (RuntimeException e) {
            tree.close();
            throw e;
        }
    }

    /** The reports of MIMIC-CXR may lie beside the images as the zip file that they come in. */
    private static SourceTree openTree(IngestSpec spec) {
        SourceTree tree = SourceTree.open(spec.root());
        Path reports = spec.root().resolve(REPORTS_ZIP);
        return spec.set().hasReports() && Files.isRegularFile(reports)
                ? new OverlaidTree(tree, SourceTree.open(reports))
                : tree;
    }

    /** Names an ingest by all that decides its result, and the place of the files: the same for the same settings. */
    public static String key(IngestSpec spec) {
        Map<String, @Nullable Object> identity = new LinkedHashMap<>();
        identity.put("set", spec.set().word());
        identity.put("root", spec.root().toString());
        identity.put("profile", spec.profile().name());
        identity.put("imageSize", spec.imageSize());
        identity.put(
                "vocabulary",
                spec.vocabulary() == null ? null : spec.vocabulary().toString());
        identity.put("minSentences", spec.minSentences());
        identity.put("sections", spec.sections().name());
        identity.put("list", spec.list() == null ? null : spec.list().toString());
        identity.put("seed", spec.sampling().seed());
        identity.put("perClass", spec.sampling().perClass());
        return CanonicalJson.sha256(identity).substring(0, 16);
    }

    /** To be asked for when the work begins: somebody else may have finished the same one just before. */
    private PartMaker partMaker() {
        return new PartMaker(folder, spec, new SampleLoader(tree, spec, vocabulary, known()));
    }

    /** Images of the last data set with these settings, unless every file is to be read anew. */
    private @Nullable KnownImages known() {
        if (spec.verify()) {
            return null;
        }
        try {
            String digest = new String(
                    RegularFile.read(folder.newest(), ReadLimit.STORE_FILE_BYTES), StandardCharsets.US_ASCII);
            if (!DIGEST.matcher(digest).matches()) {
                return null;
            }
            return new KnownImages(DataSet.open(folder.dataSet(digest)), ImageView.of(spec));
        } catch (IOException | PerduraException e) {
            return null; // there is none yet, or it is gone: all can be made again
        }
    }

    /**
     * Scans the tables and shares the samples out.
     *
     * @param waiting called now and then while somebody else plans or joins; what it throws ends the work
     * @throws PerduraException INVALID_DATA if a table is missing, if no sample is left, or at the first fault if the
     *     ingest is strict
     */
    public IngestPlan plan(Runnable waiting) {
        return io(() -> folder.hold(waiting, () -> folder.survive("plan", this::writePlan)));
    }

    /** For whoever has the lock. */
    private IngestPlan writePlan() throws IOException {
        Path writing = folder.newWriting();
        try {
            FaultList faults;
            SetScanner.Scan scan;
            try (FaultFile all = new FaultFile(writing.resolve(FaultFile.NAME))) {
                faults = new FaultList(all);
                scan = SetScanner.scan(tree, spec, faults);
            }
            if (spec.strict()) {
                faults.throwIfAny("data set " + spec.root());
            }
            if (scan.samples().isEmpty()) {
                throw new PerduraException(ErrorCode.INVALID_DATA, emptiness(scan.leftOut(), faults.first()));
            }
            return IngestPlan.write(folder, writing, scan, faults.count());
        } catch (IOException | RuntimeException e) {
            folder.delete(writing);
            throw e;
        }
    }

    private String emptiness(Map<Exclusion, Long> leftOut, List<DataFault> faults) {
        String reasons = leftOut.entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .map(entry -> entry.getValue() + " " + entry.getKey().description())
                .collect(Collectors.joining(", "));
        String first = faults.stream()
                .limit(FaultList.SHOWN)
                .map(fault -> "\n  " + fault)
                .collect(Collectors.joining());
        return "data set " + spec.root() + " has no sample for an ingest"
                + (reasons.isEmpty() ? "" : "; left out are " + reasons) + first;
    }

    /** The plan that is there; none if somebody has finished it and cleared it away. */
    private Optional<IngestPlan> findPlan() throws IOException {
        try {
            return Optional.of(IngestJson.read(folder.plan().resolve("plan.json"), IngestPlan.class))
                    .filter(plan -> plan.format() == IngestPlan.FORMAT);
        } catch (NoSuchFileException | FileNotFoundException e) {
            return Optional.empty();
        }
    }

    /**
     * Makes one part, or keeps it if it is there and no file of it has changed.
     *
     * @param number from 0
     * @param beat called after each sample; what it throws ends the work
     * @return images that the part holds
     * @throws PerduraException INVALID_DATA with the part's faults, if there are any and the ingest is strict
     */
    public PartResult make(int number, Runnable beat) {
        return io(() -> {
            Optional<IngestPlan> planned = findPlan();
            IngestPlan plan = planned.isPresent() ? planned.get() : plan(beat);
            PartSummary summary = folder.survive(
                    String.format(Locale.ROOT, "part-%05d", number),
                    () -> partMaker().make(plan, number, beat));
            return new PartResult(
                    plan.parts().get(number).samples(), plan.parts().get(number).images(), summary.faultCount());
        });
    }

    /**
     * All of it in this process: the plan, every part, and the joining.
     *
     * @param threads that make parts
     * @param beat called now and then, by one thread at a time
     */
    public DataReport makeAll(int threads, Runnable beat) {
        return io(() -> folder.hold(
                beat,
                () -> folder.survive("whole", () -> {
                    IngestPlan plan = writePlan();
                    makeParts(plan, threads, beat);
                    return join(plan, beat);
                })));
    }

    private void makeParts(IngestPlan plan, int threads, Runnable beat) throws IOException {
        PartMaker parts = partMaker();
        OrderedWork.run(
                IntStream.range(0, plan.parts().size()).iterator(),
                threads,
                beat,
                number -> parts.make(plan, number, Ingest::stopIfInterrupted),
                made -> beat.run());
    }

    private static void stopIfInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new PerduraException(ErrorCode.PREEMPTED, "the ingest was interrupted");
        }
    }

    /**
     * What a part came to.
     *
     * @param samples that were planned
     * @param images that were planned
     * @param faults that were found
     */
    public record PartResult(int samples, int images, long faults) {}

    /**
     * Joins the parts to the data set and writes its report. Parts that are not there are made: they are, where somebody has finished
     * the same ingest and cleared them away.
     *
     * @param beat called now and then; what it throws ends the work
     * @throws PerduraException INVALID_DATA if no sample is left
     */
    public DataReport finish(Runnable beat) {
        return io(() -> folder.hold(beat, () -> {
            Optional<IngestPlan> planned = findPlan();
            return folder.survive("join", () -> join(planned.isPresent() ? planned.get() : writePlan(), beat));
        }));
    }

    /** For whoever has the lock. */
    private DataReport join(IngestPlan plan, Runnable beat) throws IOException {
        makeMissing(plan, beat);
        Assembler assembler = new Assembler(folder, spec, plan, vocabulary, beat);
        Path writing = folder.newWriting();
        IngestTotals totals;
        try (FaultFile all = new FaultFile(writing.resolve(FaultFile.NAME))) {
            totals = assembler.count(all);
        }
        if (totals.samples == 0) {
            folder.delete(writing);
            throw new PerduraException(ErrorCode.INVALID_DATA, emptiness(totals.leftOut, totals.faults.first()));
        }
        DataSetHeader header = assembler.write(writing, totals);
        Path target = folder.dataSet(header.digest());
        if (Files.exists(target) || !folder.publish(writing, target)) {
            // The same content; new may be times of files, by which a later ingest knows them, and faults.
            folder.replace(writing.resolve("image_stamps.npy"), target.resolve("image_stamps.npy"));
            folder.replace(writing.resolve(FaultFile.NAME), target.resolve(FaultFile.NAME));
            folder.delete(writing);
        }
        DataReport report = totals.report(spec, header.digest());
        writeReport(report, target);
        folder.writeFile(folder.newest(), header.digest().getBytes(StandardCharsets.UTF_8));
        folder.delete(folder.work());
        return report;
    }

    private void makeMissing(IngestPlan plan, Runnable beat) throws IOException {
        int[] missing = IntStream.range(0, plan.parts().size())
                .filter(number ->
                        !Files.exists(folder.part(plan.parts().get(number).name())))
                .toArray();
        if (missing.length > 0) {
            PartMaker parts = partMaker();
            for (int number : missing) {
                parts.make(plan, number, beat);
            }
        }
    }

    private void writeReport(DataReport report, Path target) throws IOException {
        folder.writeFile(target.resolve("report.json"), IngestJson.bytes(report));
        folder.writeFile(target.resolve("report.txt"), ReportText.of(report).getBytes(StandardCharsets.UTF_8));
        folder.writeFile(
                target.resolve("report.html"),
                ReportHtml.of(report, DataSet.open(target)).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads every file as an ingest would, and writes nothing. Holds the tables' samples and a few images at a time.
     *
     * @param threads that read files, at least 1
     * @param progress told now and then how far it is
     * @return its report, with the digest of the data set that an ingest would make
     * @throws PerduraException INVALID_DATA if the folder is not that of the set
     */
    public static DataReport inspect(IngestSpec spec, int threads, Progress progress) {
        return inspect(spec, threads, fault -> {}, progress);
    }

    /**
     * The same, and tells every fault.
     *
     * @param each is handed them as they are found, in the order of the tables and files, by one thread at a time
     */
    public static DataReport inspect(IngestSpec spec, int threads, Consumer<DataFault> each, Progress progress) {
        FaultList faults = new FaultList(each);
        Vocabulary vocabulary = null;
        try {
            vocabulary = spec.vocabulary() == null ? null : Vocabulary.read(spec.vocabulary());
        } catch (PerduraException e) {
            faults.add(DataFault.ofMessage(String.valueOf(e.getMessage())));
        }
        IngestFolder nowhere = new IngestFolder(spec.root(), "none", DurableEffects.counting());
        try (Ingest ingest = new Ingest(spec.verifying(true), nowhere, openTree(spec), vocabulary)) {
            return io(() -> ingest.inspect(faults, threads, progress));
        }
    }

    /** Told how many samples of how many have been looked at, and how many faults were found. */
    @FunctionalInterface
    public interface Progress {
        void at(long samples, long ofSamples, long faults);
    }

    private DataReport inspect(FaultList faults, int threads, Progress progress) throws IOException {
        SetScanner.Scan scan = SetScanner.scan(tree, spec, faults);
        IngestPlan plan = IngestPlan.of(scan, faults.count(), List.of());
        IngestTotals totals = new IngestTotals(plan, faults);
        PartCollector collector = new PartCollector(faults);
        PartMaker parts = partMaker();
        Manifest.Digest digest = new Manifest.Digest(Manifest.header(spec, plan.labels(), vocabulary));
        AtomicLong samples = new AtomicLong();
        Runnable tell = () -> progress.at(samples.get(), scan.samples().size(), faults.count());
        OrderedWork.run(scan.samples().iterator(), threads, tell, parts::load, outcome -> {
            collector.add(outcome);
            Manifest.Line line = outcome.line();
            if (line != null) {
                totals.add(line);
                digest.add(line.write());
            }
            samples.incrementAndGet();
            tell.run();
        });
        totals.add(collector.summary());
        return totals.report(spec, digest.finish());
    }

    @Override
    public void close() {
        tree.close();
    }

    private static <T> T io(IngestFolder.Work<T> work) {
        try {
            return work.run();
        } catch (IOException | UncheckedIOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    "the ingest can't read or write (" + e + "); free space, or make the artifact store writable",
                    e);
        }
    }
}
