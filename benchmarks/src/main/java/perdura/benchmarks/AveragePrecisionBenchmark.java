package perdura.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import perdura.datasets.file.FileTree;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.training.metric.CocoAveragePrecision;

/**
 * COCO's average precision of drawn images, ours and by pycocotools, in processes that take turns. pycocotools is asked for one range of areas and one
 * number of detections, as we compute no other; what it takes to build its index of annotations is not counted. Arguments: images (default 5000),
 * detections of each (100), rounds (5), a Python with pycocotools ({@code none}: ours alone).
 *
 * <p>Images have one to three boxes. A third of the detections are such a box, moved and stretched a little, with a score that tends to be higher.
 */
public final class AveragePrecisionBenchmark {
    private static final double SIDE = 224;

    private AveragePrecisionBenchmark() {}

    public static void main(String[] args) throws IOException {
        if (args.length > 0 && args[0].equals("side")) {
            runSide(args);
            return;
        }
        int images = args.length > 0 ? Integer.parseInt(args[0]) : 5_000;
        int detections = args.length > 1 ? Integer.parseInt(args[1]) : 100;
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 5;
        String python = args.length > 3 ? args[3] : "python3";
        Path folder = Files.createTempDirectory("perdura-benchmark");
        try {
            List<String> files = draw(folder, images, detections);
            System.out.printf(
                    "%d images with %d detections each, load %.1f%n",
                    images,
                    detections,
                    ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
            try (RoundProcess ours = RoundProcess.startSide(AveragePrecisionBenchmark.class, List.of("-Xmx1g"), files);
                    RoundProcess theirs = python.equals("none")
                            ? null
                            : RoundProcess.startScript(python, folder, "coco_map.py", files)) {
                if (theirs == null) {
                    for (int round = 0; round < rounds; round++) {
                        System.out.println(Round.of(ours));
                    }
                } else {
                    compare(ours, theirs, rounds);
                }
            }
        } finally {
            FileTree.delete(folder);
        }
    }

    private static void compare(RoundProcess ours, RoundProcess theirs, int rounds) throws IOException {
        List<Double> ratios = new ArrayList<>();
        List<Double> used = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            RoundPair pair = RoundPair.run(ours, theirs, i);
            Round our = pair.ours();
            Round their = pair.theirs();
            System.out.printf(
                    "  ours %6.3f s (%6.3f of processor), %s %6.3f s (%6.3f), mAP %.6f and %.6f, apart %.1e%n",
                    our.seconds(),
                    our.processorSeconds(),
                    theirs.name(),
                    their.seconds(),
                    their.processorSeconds(),
                    our.value(),
                    their.value(),
                    Math.abs(our.value() - their.value()));
            ratios.add(pair.ratio(Round::seconds));
            used.add(pair.ratio(Round::processorSeconds));
        }
        System.out.printf("time of %s over ours      %8.1f%n", theirs.name(), Median.of(ratios));
        System.out.printf("the same, by processor time %13.1f%n", Median.of(used));
    }

    private static void runSide(String[] args) throws IOException {
        double[] truths = doubles(args[1]);
        double[] boxes = doubles(args[2]);
        double[] scores = doubles(args[3]);
        int[] counts = new int[Math.toIntExact(Files.size(Path.of(args[4])) / Integer.BYTES)];
        bytes(args[4]).asIntBuffer().get(counts);
        double[][][] images = new double[counts.length / 2][3][];
        int truth = 0;
        int box = 0;
        for (int i = 0; i < images.length; i++) {
            images[i][0] = part(truths, 4 * truth, 4 * counts[2 * i]);
            images[i][1] = part(boxes, 4 * box, 4 * counts[2 * i + 1]);
            images[i][2] = part(scores, box, counts[2 * i + 1]);
            truth += counts[2 * i];
            box += counts[2 * i + 1];
        }
        System.out.println("ours");
        Round.answerEach(round -> {
            CocoAveragePrecision precision = new CocoAveragePrecision();
            for (double[][] image : images) {
                precision.add(image[0], image[1], image[2]);
            }
            return precision.result().map().number();
        });
    }

    private static double[] part(double[] all, int from, int length) {
        double[] part = new double[length];
        System.arraycopy(all, from, part, 0, length);
        return part;
    }

    private static ByteBuffer bytes(String file) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(Path.of(file))).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static double[] doubles(String file) throws IOException {
        ByteBuffer bytes = bytes(file);
        double[] values = new double[bytes.remaining() / Double.BYTES];
        bytes.asDoubleBuffer().get(values);
        return values;
    }

    /** Files of truths, boxes, scores and of both numbers of each image. */
    private static List<String> draw(Path folder, int images, int detections) throws IOException {
        RandomStream draws = Seeds.stream("average precision benchmark");
        ByteBuffer truths = buffer(3L * 4 * Double.BYTES * images);
        ByteBuffer boxes = buffer(4L * Double.BYTES * images * detections);
        ByteBuffer scores = buffer((long) Double.BYTES * images * detections);
        ByteBuffer counts = buffer(2L * Integer.BYTES * images);
        for (int i = 0; i < images; i++) {
            double[][] own = new double[1 + draws.bounded(3)][];
            for (int g = 0; g < own.length; g++) {
                own[g] = box(draws);
                put(truths, own[g]);
            }
            counts.putInt(own.length).putInt(detections);
            for (int d = 0; d < detections; d++) {
                boolean near = draws.bounded(3) == 0;
                put(boxes, near ? moved(draws, own[draws.bounded(own.length)]) : box(draws));
                scores.putDouble((float) (near ? Math.sqrt(draws.nextDouble()) : draws.nextDouble()));
            }
        }
        return List.of(
                write(folder.resolve("truths"), truths),
                write(folder.resolve("boxes"), boxes),
                write(folder.resolve("scores"), scores),
                write(folder.resolve("counts"), counts));
    }

    private static double[] box(RandomStream draws) {
        double width = 20 + 60 * draws.nextDouble();
        double height = 20 + 60 * draws.nextDouble();
        return new double[] {(SIDE - width) * draws.nextDouble(), (SIDE - height) * draws.nextDouble(), width, height};
    }

    private static double[] moved(RandomStream draws, double[] box) {
        double[] moved = new double[4];
        for (int i = 0; i < 4; i++) {
            double share = 0.1 * draws.nextGaussian();
            moved[i] = i < 2 ? box[i] + share * box[i + 2] : box[i] * Math.exp(share);
        }
        return moved;
    }

    private static ByteBuffer buffer(long sizeBytes) {
        return ByteBuffer.allocate(Math.toIntExact(sizeBytes)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void put(ByteBuffer buffer, double[] values) {
        for (double value : values) {
            buffer.putDouble(value);
        }
    }

    private static String write(Path file, ByteBuffer values) throws IOException {
        byte[] written = new byte[values.position()];
        values.flip().get(written);
        return Files.write(file, written).toString();
    }
}
