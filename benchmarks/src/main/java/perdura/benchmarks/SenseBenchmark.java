package perdura.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.StudyTexts;
import perdura.datasets.file.FileTree;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.method.EpochPreparation;
import perdura.training.method.EpochPreparation.Combination;
import perdura.training.method.Method;
import perdura.training.method.Method.JobInput;
import perdura.training.method.Methods;
import perdura.training.weights.InitialWeights;

/**
 * SENSE at the paper's sizes, ours against the same model in PyTorch eager, of the same synthetic reports and as many images, in processes
 * that take turns: a training step (of one cluster; its queues fill as it goes on), or a pass of study features. Arguments: {@code step} or
 * {@code features}, studies (default 8 and 32), threads (2), rounds (5), a Python with torch (python3), and for features {@code repeated}: PyTorch then encodes each sentence as often as it is said.
 */
public final class SenseBenchmark {
    private static final int SIDE = 224;

    /** Images that a feature pass encodes at a time. */
    private static final int IMAGES = 16;

    private SenseBenchmark() {}

    public static void main(String[] args) throws IOException {
        if (args[0].equals("side")) {
            runSide(args[1], Path.of(args[2]), Integer.parseInt(args[3]));
            return;
        }
        String what = args[0];
        int studies = args.length > 1 ? Integer.parseInt(args[1]) : what.equals("step") ? 8 : 32;
        String threads = args.length > 2 ? args[2] : "2";
        int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 5;
        String python = args.length > 4 ? args[4] : "python3";
        String distinct = args.length > 5 && args[5].equals("repeated") ? "0" : "1";
        Path folder = Files.createTempDirectory("perdura-benchmark");
        try {
            DataSet data = ingest(folder, studies);
            Path dataSet = DataSet.folder(folder, data.header().digest());
            int images = writeTexts(data, folder.resolve("texts"));
            System.out.printf(
                    "%s of %d studies with %d images, %s threads, median of %d rounds in turns, load %.1f%n",
                    what,
                    data.size(),
                    images,
                    threads,
                    rounds,
                    ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
            try (RoundProcess ours = RoundProcess.startSide(
                            SenseBenchmark.class, EagerTurns.JVM, List.of(what, dataSet.toString(), threads));
                    RoundProcess theirs = RoundProcess.startScript(
                            python,
                            folder,
                            "torch_sense.py",
                            List.of(what, folder.toString(), threads, String.valueOf(IMAGES), distinct))) {
                if (theirs != null) {
                    EagerTurns.compare(ours, theirs, Math.toIntExact(data.size()), "studies", rounds);
                }
            }
        } finally {
            FileTree.delete(folder);
        }
    }

    private static DataSet ingest(Path folder, int studies) {
        Path root = folder.resolve("data");
        MimicCxrSynth.write(root, SynthConfig.of(studies, 3), done -> {});
        IngestSpec prior = MimicCxrSynth.ingest(root, SIDE, 1);
        IngestSpec sense = new IngestSpec(
                prior.set(),
                prior.root(),
                IngestSpec.Profile.SENSE,
                SIDE,
                prior.vocabulary(),
                1,
                IngestSpec.Sections.FINDINGS_IMPRESSION,
                null,
                prior.sampling(),
                false,
                false);
        try (Ingest ingest = Ingest.open(sense, folder, DurableEffects.counting())) {
            return DataSet.open(
                    DataSet.folder(folder, ingest.makeAll(2, () -> {}).digest()));
        }
    }

    /** What the script reads: arrays of whole numbers, each after its two sizes. Returns how many images all studies have. */
    private static int writeTexts(DataSet data, Path file) throws IOException {
        int[] rows = IntStream.range(0, Math.toIntExact(data.size())).toArray();
        StudyTexts texts =
                StudyTexts.Reader.ofSentences(StudyTexts.Limits.STANDARD).read(data, rows);
        int[] counts = IntStream.of(rows).map(data::imageCount).toArray();
        List<Long> numbers = new ArrayList<>(
                List.of(1L, 3L, (long) SIDE, 1L, (long) data.vocabulary().size(), 1L, (long) rows.length));
        IntStream.of(counts).forEach(count -> numbers.add((long) count));
        add(numbers, texts.reports(), texts.most(), texts.places());
        for (StudyTexts.Bucket bucket : texts.buckets()) {
            add(numbers, bucket.rows(), bucket.length(), bucket.ids());
            add(numbers, bucket.rows(), bucket.length(), bucket.attentionMask());
        }
        ByteBuffer bytes = ByteBuffer.allocate(numbers.size() * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        numbers.forEach(bytes::putLong);
        Files.write(file, bytes.array());
        return IntStream.of(counts).sum();
    }

    private static void add(List<Long> numbers, int rows, int columns, LongBuffer values) {
        numbers.add((long) rows);
        numbers.add((long) columns);
        for (int i = 0; i < rows * columns; i++) {
            numbers.add(values.get(i));
        }
    }

    private static void runSide(String what, Path dataSet, int threads) throws IOException {
        DataSet data = DataSet.open(dataSet);
        PretrainSpec spec = spec(data, what, threads);
        Method method = Methods.load().of(spec);
        EagerTurns.begin(threads);
        Path folder = Files.createTempDirectory("perdura-benchmark");
        Path combined = Files.createDirectory(folder.resolve("combined"));
        JobInput input = new JobInput(data, InitialWeights.NONE, threads, 1, step -> combined, () -> {});
        try (TrainingJob job = method.open(spec, input)) {
            EpochPreparation preparation =
                    method.preparation(spec, data.size() / spec.batchSize()).orElseThrow();
            if (what.equals("step")) {
                Path shard = Files.createDirectory(folder.resolve("shard"));
                Path scratch = Files.createDirectory(folder.resolve("scratch"));
                preparation.computeShard(job, 0, 0, shard, () -> {});
                preparation.combine(
                        new Combination(0, List.of(shard), step -> combined, threads, scratch, () -> {}), combined);
                job.epochBegins(job.positionAfter(0));
                Round.answerEach(round -> job.step(round).getOrDefault("train/loss", Double.NaN));
            } else {
                Round.answerEach(round -> {
                    Path shard = Files.createDirectory(folder.resolve("shard" + round));
                    preparation.computeShard(job, 0, 0, shard, () -> {});
                    return 0;
                });
            }
        } finally {
            FileTree.delete(folder);
        }
    }

    private static PretrainSpec spec(DataSet data, String what, int threads) {
        PretrainStart start = new PretrainStart(
                "sense", "benchmark", "sense", "paper", data.header().digest(), new ResourceSpec("cpu", threads));
        return Methods.load()
                .specs()
                .ofProfile(
                        start,
                        List.of(
                                "batchSize=" + (what.equals("step") ? data.size() : IMAGES),
                                "data.split=all",
                                "clusters.count=1",
                                "clusters.shardStudies=" + data.size(),
                                "augment.sentenceSubset=false", // the reports of the script
                                "epochs=1000",
                                "validation.pairs=0"));
    }
}
