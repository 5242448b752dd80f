package perdura.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.datasets.file.FileTree;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SyntheticSet;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.TrialSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.Tasks;

/**
 * A training step of segmentation or detection at the paper's sizes, ours on synthetic images against segmentation_models_pytorch's U-Net or
 * torchvision's Faster R-CNN in PyTorch eager on noise, in processes that take turns. Arguments: {@code segmentation} or {@code detection}, batch size
 * (default 8 and 4), threads (2), rounds (5), a Python with torchvision and segmentation_models_pytorch (python3).
 */
public final class DenseBenchmark {
    private static final int SIDE = 224;

    /** Of the patients of a synthetic set, at least so many percent have a mask or a box. */
    private static final int POSITIVE_PERCENT = 18;

    private DenseBenchmark() {}

    public static void main(String[] args) throws IOException {
        if (args[0].equals("side")) {
            runSide(args[1], Path.of(args[2]), Long.parseLong(args[3]), Integer.parseInt(args[4]));
            return;
        }
        String task = args[0];
        int batch = args.length > 1 ? Integer.parseInt(args[1]) : task.equals("segmentation") ? 8 : 4;
        String threads = args.length > 2 ? args[2] : "2";
        int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 5;
        String python = args.length > 4 ? args[4] : "python3";
        Path folder = Files.createTempDirectory("perdura-benchmark");
        try {
            DataSet data = ingest(folder, task, batch * (rounds + EagerTurns.WARM_UP + 1));
            Path dataSet = DataSet.folder(folder, data.header().digest());
            System.out.printf(
                    "%s, batch %d, %s threads, median of %d rounds in turns, load %.1f%n",
                    task,
                    batch,
                    threads,
                    rounds,
                    ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
            try (RoundProcess ours = RoundProcess.startSide(
                            DenseBenchmark.class,
                            List.of("-Xmx256m", "-XX:+UseSerialGC"),
                            List.of(task, dataSet.toString(), String.valueOf(batch), threads));
                    RoundProcess theirs = RoundProcess.startScript(
                            python, folder, "torch_dense.py", List.of(task, String.valueOf(batch), threads))) {
                if (theirs != null) {
                    EagerTurns.compare(ours, theirs, batch, "images", rounds);
                }
            }
        } finally {
            FileTree.delete(folder);
        }
    }

    /** @param images of one epoch of training, which the rounds must not end: three of five folds */
    private static DataSet ingest(Path folder, String task, int images) {
        boolean isSiim = task.equals("segmentation");
        int patients = images * 5 / 3 * 100 / POSITIVE_PERCENT;
        SyntheticSet.write(
                folder.resolve("data"),
                new SynthConfig(
                        isSiim ? SynthConfig.Format.SIIM : SynthConfig.Format.RSNA,
                        new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, patients),
                        3,
                        SynthConfig.DEFAULT_DIFFICULTY,
                        SIDE,
                        SynthConfig.SiimCopy.STAGE_1),
                2,
                done -> {});
        IngestSpec spec = new IngestSpec(
                isSiim ? SourceSet.SIIM : SourceSet.RSNA,
                folder.resolve("data"),
                IngestSpec.Profile.PRIOR,
                SIDE,
                null,
                1,
                IngestSpec.Sections.FINDINGS,
                null,
                new IngestSpec.Sampling(0, 1),
                false,
                false);
        try (Ingest ingest = Ingest.open(spec, folder, DurableEffects.counting())) {
            return DataSet.open(
                    DataSet.folder(folder, ingest.makeAll(2, () -> {}).digest()));
        }
    }

    private static void runSide(String name, Path dataSet, long batch, int threads) throws IOException {
        Task task = Tasks.load().task(name);
        TreeMap<String, @Nullable Object> parameters =
                new TreeMap<>(task.schema().defaults().values());
        parameters.put("dataset", "drawn");
        parameters.put("batchSize", batch);
        TaskInput input = new TaskInput(
                new TrialSpec(name, task.schema().version(), new Parameters(parameters), 1),
                new TreeMap<>(Map.of("dataset", DataSet.open(dataSet))),
                new TreeMap<>());
        EagerTurns.begin(threads);
        Path folder = Files.createTempDirectory("perdura-benchmark");
        TaskContext place = new TaskContext(
                folder,
                folder,
                new ResourceSpec("cpu", threads),
                1,
                DurableEffects.counting(),
                () -> {},
                (path, file) -> {});
        try (TrainingJob job = task.open(input, new TreeMap<>(), place)) {
            Round.answerEach(step -> job.step(step).getOrDefault("train/loss", Double.NaN));
        } finally {
            FileTree.delete(folder);
        }
    }
}
