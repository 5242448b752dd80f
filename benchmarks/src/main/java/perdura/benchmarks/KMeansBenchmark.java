package perdura.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.datasets.file.FileTree;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.training.methods.sense.cluster.Clusters;
import perdura.training.methods.sense.cluster.KMeans;
import perdura.training.methods.sense.spec.ClusterSpec.EmptyClusters;
import perdura.training.torch.Torch;

/**
 * K-means of unit vectors from the same first centroids, ours and by FAISS, in processes that take turns; both assign once more after the
 * last iteration. Arguments: {@code clustered} or {@code even}, points (default 50000), clusters (2500), width (512), iterations (10),
 * threads (2), rounds (3), a Python with faiss-cpu ({@code none}: ours alone).
 *
 * <p>{@code clustered}: 300 overlapping clusters. The variance of their centres falls as n^-1.15 along the axes, so that the first 96 of 512 hold 84 %
 * of it, and that of their points is 0.36 of it; eight reflections then mix the coordinates. {@code even}: all directions alike.
 */
public final class KMeansBenchmark {
    private static final int CENTRES = 300;
    private static final double DECAY = 1.15;
    private static final double WITHIN = 0.6;
    private static final int REFLECTIONS = 8;

    private KMeansBenchmark() {}

    public static void main(String[] args) throws IOException {
        if (args[0].equals("side")) {
            runSide(args);
            return;
        }
        String kind = args[0];
        int points = number(args, 1, 50_000);
        int clusters = number(args, 2, 2_500);
        int width = number(args, 3, 512);
        int iterations = number(args, 4, 10);
        int threads = number(args, 5, 2);
        int rounds = number(args, 6, 3);
        String python = args.length > 7 ? args[7] : "python3";
        Path folder = Files.createTempDirectory("perdura-benchmark");
        try {
            float[] drawn = draw(kind, points, width);
            Path pointFile = write(folder.resolve("points"), drawn);
            Path firstFile = write(folder.resolve("first"), first(drawn, clusters, width));
            List<String> arguments = List.of(
                    pointFile.toString(),
                    firstFile.toString(),
                    String.valueOf(width),
                    String.valueOf(iterations),
                    String.valueOf(threads));
            System.out.printf(
                    "%s: %d points of width %d, %d clusters, %d iterations, %d threads, load %.1f%n",
                    kind,
                    points,
                    width,
                    clusters,
                    iterations,
                    threads,
                    ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
            try (RoundProcess ours = RoundProcess.startSide(KMeansBenchmark.class, List.of("-Xmx2g"), arguments);
                    RoundProcess faiss = python.equals("none")
                            ? null
                            : RoundProcess.startScript(python, folder, "faiss_kmeans.py", arguments)) {
                if (faiss == null) {
                    for (int round = 0; round < rounds; round++) {
                        System.out.println(Round.of(ours));
                    }
                } else {
                    compare(ours, faiss, rounds);
                }
            }
        } finally {
            FileTree.delete(folder);
        }
    }

    private static int number(String[] args, int at, int standard) {
        return args.length > at ? Integer.parseInt(args[at]) : standard;
    }

    private static void compare(RoundProcess ours, RoundProcess theirs, int rounds) throws IOException {
        List<Double> ratios = new ArrayList<>();
        List<Double> used = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            RoundPair pair = RoundPair.run(ours, theirs, i);
            Round our = pair.ours();
            Round their = pair.theirs();
            System.out.printf(
                    "  ours %6.2f s (%6.2f of processor), %s %6.2f s (%6.2f), objectives %.6f and %.6f, apart %.1e%n",
                    our.seconds(),
                    our.processorSeconds(),
                    theirs.name(),
                    their.seconds(),
                    their.processorSeconds(),
                    our.value(),
                    their.value(),
                    Math.abs(our.value() / their.value() - 1));
            ratios.add(1 / pair.ratio(Round::seconds));
            used.add(1 / pair.ratio(Round::processorSeconds));
        }
        System.out.printf("time over that of %s            %8.3f%n", theirs.name(), Median.of(ratios));
        System.out.printf("the same, by processor time %13.3f%n", Median.of(used));
    }

    private static void runSide(String[] args) throws IOException {
        int width = Integer.parseInt(args[3]);
        int threads = Integer.parseInt(args[5]);
        FloatBuffer points = map(Path.of(args[1]));
        FloatBuffer firstValues = map(Path.of(args[2]));
        float[] first = new float[firstValues.limit()];
        firstValues.get(first);
        KMeans.Settings settings = new KMeans.Settings(
                first.length / width, Integer.parseInt(args[4]), EmptyClusters.SCAN, 1, 0, threads, 512L << 20);
        try (Torch torch = Torch.start("cpu", threads)) {
            System.out.println("ours");
            Round.answerEach(turn -> {
                long[] last = {System.nanoTime()};
                Clusters found = new KMeans(torch, settings, points, width)
                        .run(
                                first,
                                null,
                                round -> {
                                    long now = System.nanoTime();
                                    System.err.printf("    round %d: %.2f s%n", round.updates(), (now - last[0]) / 1e9);
                                    last[0] = now;
                                },
                                () -> {});
                List<Double> objectives = found.objectives();
                return objectives.get(objectives.size() - 1);
            });
        }
    }

    private static FloatBuffer map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer();
        }
    }

    private static Path write(Path file, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return Files.write(file, bytes.array());
    }

    private static float[] first(float[] points, int clusters, int width) {
        int[] order = Seeds.stream("first").permutation(points.length / width);
        float[] first = new float[clusters * width];
        for (int k = 0; k < clusters; k++) {
            System.arraycopy(points, order[k] * width, first, k * width, width);
        }
        return first;
    }

    private static float[] draw(String kind, int count, int width) {
        RandomStream draws = Seeds.stream("points", kind);
        boolean clustered = kind.equals("clustered");
        double[] scale = new double[width];
        for (int d = 0; d < width; d++) {
            scale[d] = clustered ? Math.pow(d + 1, -DECAY / 2) : 1;
        }
        double[][] centres = new double[clustered ? CENTRES : 1][];
        for (int i = 0; i < centres.length; i++) {
            centres[i] = clustered ? gaussian(draws, scale) : new double[width];
        }
        double[] ones = new double[width];
        Arrays.fill(ones, 1);
        double[][] mirrors = new double[clustered ? REFLECTIONS : 0][];
        for (int i = 0; i < mirrors.length; i++) {
            mirrors[i] = unit(gaussian(draws, ones));
        }
        float[] points = new float[Math.multiplyExact(count, width)];
        for (int i = 0; i < count; i++) {
            double[] centre = centres[draws.bounded(centres.length)];
            double[] point = gaussian(draws, scale);
            for (int d = 0; d < width; d++) {
                point[d] = centre[d] + WITHIN * point[d];
            }
            for (double[] mirror : mirrors) {
                reflect(point, mirror);
            }
            unit(point);
            for (int d = 0; d < width; d++) {
                points[i * width + d] = (float) point[d];
            }
        }
        return points;
    }

    private static double[] gaussian(RandomStream draws, double[] scale) {
        double[] values = new double[scale.length];
        for (int d = 0; d < values.length; d++) {
            values[d] = scale[d] * draws.nextGaussian();
        }
        return values;
    }

    private static void reflect(double[] point, double[] mirror) {
        double twice = 0;
        for (int d = 0; d < point.length; d++) {
            twice += 2 * point[d] * mirror[d];
        }
        for (int d = 0; d < point.length; d++) {
            point[d] -= twice * mirror[d];
        }
    }

    /** Makes it one of length 1. */
    private static double[] unit(double[] vector) {
        double square = 0;
        for (double value : vector) {
            square += value * value;
        }
        double norm = Math.sqrt(square);
        for (int d = 0; d < vector.length; d++) {
            vector[d] /= norm;
        }
        return vector;
    }
}
