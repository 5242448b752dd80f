package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.PriorSpecs;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.LearningRateFactors;
import perdura.training.methods.prior.spec.StageSpec.LossWeights;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** Every loss of stage 3 against formulas that go sample by sample. */
class TestPriorOracle {
    private static final int VOCABULARY = 40;
    private static final int[] SENTENCES = {3, 1, 6, 2}; // one more than there are queries
    private static final int LENGTH = 14;
    private static final double TAU = 0.4;

    @ParameterizedTest
    @CsvSource({
        "SIGMOID, SOFT, SENTENCES, OWN, 5, F64, 1e-9",
        "SOFTMAX, HARD, REPORTS, NONE, 5, F64, 1e-9",
        "SIGMOID, SOFT, SENTENCES, NONE, 2, F64, 1e-9",
        "SIGMOID, SOFT, REPORTS, OWN, 1, F64, 1e-9",
        "SIGMOID, SOFT, REPORTS, OWN, 5, F32, 1e-5",
        "SOFTMAX, SOFT, SENTENCES, OWN, 5, F32, 1e-5",
    })
    void everyTermIsThatOfItsSamples(
            LamActivation activation,
            SpbSpec.Query query,
            SpbSpec.LossMean lossMean,
            CcrSpec.RequeryNoise requeryNoise,
            int sentenceLimit,
            ElementType type,
            double tolerance) {
        CcrSpec ccr = new CcrSpec(
                CcrSpec.Mask.CHANNEL, 0.5, CcrSpec.Block.CONV_BN_RELU, false, false, requeryNoise, sentenceLimit);
        ModelSpec spec = PriorSpecs.tiny(activation, 0, bank(query, lossMean), ccr);
        Prior prior = new Prior(spec, VOCABULARY);
        LossWeights weights = new LossWeights(10, 1, 1, 10, 1, 10, 1, 1, 0.5, 3);
        StageSpec stage = new StageSpec(3, 1, 0, 1, 0, 0, PriorSpecs.modules(3), weights, LearningRateFactors.ONE);
        try (Torch torch = Torch.start("cpu", 1);
                Parameters parameters = prior.layout().allocate(torch, type);
                StageForward forward = new StageForward(torch, parameters, prior, stage, Mode.TRAIN);
                NoiseSource source = new NoiseSource(torch, parameters, prior);
                StepScope scope = torch.newStep()) {
            Initializer.fill(torch, prior.layout(), parameters, 3);
            List<Tensor> batch = batch(scope, type);
            StageNoise noise = source.draw(
                    scope, forward.needs(), SENTENCES.length, forward.sentences(6), purpose -> Seeds.hash64(purpose));
            assertThat(Arrays.stream(Objects.requireNonNull(noise.requery()).toDoubles())
                            .allMatch(drawn -> drawn == 0))
                    .isEqualTo(requeryNoise == CcrSpec.RequeryNoise.NONE);
            StageForward.Result result = forward.run(scope, batch, noise, TAU);
            Map<String, Double> expected = new LinkedHashMap<>();
            double[] images = batch.get(0).toDoubles();
            double[] reconstruction = tensor(result, "reconstruction").toDoubles();
            expected.put("img", PriorOracle.distance(images, reconstruction) / images.length);
            new Samples(spec, result, noise).losses(new PriorOracle(spec, parameters, TAU), expected);
            double total = 0;
            for (Map.Entry<String, Double> term : expected.entrySet()) {
                assertThat(result.figures().getOrDefault("loss_" + term.getKey(), Double.NaN))
                        .as(term.getKey())
                        .isCloseTo(term.getValue(), within(tolerance * Math.max(1, Math.abs(term.getValue()))));
                total += weight(weights, term.getKey()) * term.getValue();
            }
            assertThat(expected).hasSize(10);
            assertThat(result.total().item()).isCloseTo(total, within(10 * tolerance * total));
        }
    }

    @Test
    void evaluationIsWithoutChanceAndLeavesTheBuffersAlone() {
        Prior prior = new Prior(
                PriorSpecs.tiny(
                        LamActivation.SIGMOID,
                        0.1,
                        bank(SpbSpec.Query.SOFT, SpbSpec.LossMean.SENTENCES),
                        PriorSpecs.CCR),
                VOCABULARY);
        try (Torch torch = Torch.start("cpu", 1);
                Parameters parameters = prior.layout().allocate(torch, ElementType.F32);
                StageForward forward = new StageForward(torch, parameters, prior, PriorSpecs.stage(3, 1), Mode.EVAL);
                StepScope scope = torch.newStep()) {
            Initializer.fill(torch, prior.layout(), parameters, 3);
            assertThat(forward.needs()).isEqualTo(new StageNoise.Needs(false, false, false));
            List<Tensor> batch = batch(scope, ElementType.F32);
            Map<String, Double> first =
                    forward.run(scope, batch, StageNoise.NONE, 1).figures();
            assertThat(forward.run(scope, batch, StageNoise.NONE, 1).figures()).isEqualTo(first);
            assertThat(first).containsKeys("loss_img", "loss_gpa", "query_hits");
            assertThat(first.getOrDefault("query_greatest_weight", 0.0))
                    .isEqualTo(first.getOrDefault("prototype_greatest_weight", 1.0));
            assertThat(parameters
                            .tensor("image.backbone.bn1.num_batches_tracked")
                            .item())
                    .isZero();
        }
    }

    private static double weight(LossWeights weights, String term) {
        return switch (term) {
            case "global" -> weights.global();
            case "proto" -> weights.proto();
            case "spg" -> weights.spg();
            case "cross_image" -> weights.crossImage();
            case "cross_patch" -> weights.crossPatch();
            default -> 1;
        };
    }

    private static SpbSpec bank(SpbSpec.Query query, SpbSpec.LossMean lossMean) {
        SpbSpec prior = PriorSpecs.SPB;
        return new SpbSpec(
                SpbSpec.Init.GAUSSIAN,
                prior.initReports(),
                prior.initRounds(),
                query,
                prior.tauSchedule(),
                prior.tauStart(),
                prior.tauEnd(),
                prior.evaluationTau(),
                lossMean);
    }

    /** A forward pass cut into its samples, without their pads. */
    private static final class Samples {
        private final ModelSpec spec;
        private final List<double[]> image = new ArrayList<>();
        private final List<double[][]> patches = new ArrayList<>();
        private final List<double[][]> x = new ArrayList<>();
        private final List<double[][]> predicted = new ArrayList<>();
        private final List<int[]> inverse = new ArrayList<>();
        private final List<double[][]> noise = new ArrayList<>();
        private final List<double[][]> requery = new ArrayList<>();

        Samples(ModelSpec spec, StageForward.Result result, StageNoise drawn) {
            this.spec = spec;
            for (int b = 0; b < SENTENCES.length; b++) {
                int real = Math.min(SENTENCES[b], spec.sentenceLimit());
                image.add(cut(tensor(result, "v_g"), b)[0]);
                patches.add(cut(tensor(result, "v"), b));
                x.add(Arrays.copyOf(cut(tensor(result, "x"), b), real));
                predicted.add(cut(tensor(result, "y"), b));
                double[] queries = cut(tensor(result, "inverse"), b)[0];
                inverse.add(
                        Arrays.stream(queries).mapToInt(query -> (int) query).toArray());
                noise.add(cut(Objects.requireNonNull(drawn.query()), b));
                requery.add(cut(Objects.requireNonNull(drawn.requery()), b));
            }
        }

        /** Rows of one sample. */
        private static double[][] cut(Tensor tensor, int sample) {
            double[][] rows = PriorOracle.rows(
                    tensor.toDoubles(),
                    Math.toIntExact(tensor.shape().get(tensor.shape().size() - 1)));
            int each = rows.length / SENTENCES.length;
            return Arrays.copyOfRange(rows, sample * each, (sample + 1) * each);
        }

        void losses(PriorOracle oracle, Map<String, Double> losses) {
            List<double[][]> s = new ArrayList<>();
            List<double[][]> imageEvidence = new ArrayList<>();
            List<double[][]> textEvidence = new ArrayList<>();
            List<double[]> reports = new ArrayList<>();
            List<double[]> predictedReports = new ArrayList<>();
            double generation = 0;
            double divergence = 0;
            int sentences = 0;
            for (int b = 0; b < x.size(); b++) {
                double[][] mixed = mix(oracle, x.get(b), noise.get(b));
                s.add(mixed);
                imageEvidence.add(oracle.sentenceEvidence(patches.get(b), mixed));
                textEvidence.add(oracle.patchEvidence(patches.get(b), mixed));
                reports.add(oracle.report(mixed));
                // Sentences with one prototype have two optimal matchings, so the one that was taken counts.
                int[] queries = inverse.get(b);
                double distance = oracle.generation(predicted.get(b), mixed, queries);
                assertThat(distance).isCloseTo(oracle.leastDistance(predicted.get(b), mixed), within(1e-5 * distance));
                generation += distance;
                double[][] aligned = new double[mixed.length][];
                for (int j = 0; j < mixed.length; j++) {
                    aligned[j] = predicted.get(b)[queries[j]];
                    divergence += oracle.divergence(x.get(b)[j], aligned[j]);
                    sentences++;
                }
                predictedReports.add(oracle.report(mix(oracle, aligned, requery.get(b))));
            }
            losses.put("global", oracle.globalLoss(image, reports));
            losses.put("r2i", oracle.reportToImage(patches, textEvidence));
            losses.put("i2r", oracle.imageToReport(s, imageEvidence));
            losses.put("proto", oracle.prototypeLoss(s, x));
            losses.put("cross_image", oracle.crossImage(patches, s));
            losses.put("cross_patch", oracle.crossPatch(patches, s));
            losses.put("spg", generation / x.size() / spec.queries() / spec.dim());
            losses.put("kl", divergence / sentences);
            losses.put("gpa", oracle.globalLoss(predictedReports, reports));
        }

        private static double[][] mix(PriorOracle oracle, double[][] x, double[][] noise) {
            double[][] mixed = new double[x.length][];
            for (int i = 0; i < x.length; i++) {
                mixed[i] = oracle.mix(x[i], noise[i]);
            }
            return mixed;
        }
    }

    private static Tensor tensor(StageForward.Result result, String name) {
        return Objects.requireNonNull(result.tensors().get(name), name);
    }

    /** Noise as images; two words a sentence. */
    private static List<Tensor> batch(StepScope scope, ElementType type) {
        RandomStream random = Seeds.stream("oracle");
        int pixels = SENTENCES.length * 64 * 64;
        ByteBuffer images = ByteBuffer.allocate(type.sizeBytes() * pixels).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < pixels; i++) {
            if (type == ElementType.F64) {
                images.putDouble(random.nextGaussian());
            } else {
                images.putFloat((float) random.nextGaussian());
            }
        }
        LongBuffer ids = longs();
        LongBuffer mask = longs();
        LongBuffer map = longs();
        for (int sentences : SENTENCES) {
            for (int i = 0; i < LENGTH; i++) {
                boolean isText = i <= 2 * sentences + 1;
                ids.put(isText ? 1 + random.bounded(VOCABULARY - 1) : 0);
                mask.put(isText ? 1 : 0);
                map.put(i > 0 && i <= 2 * sentences ? 1 + (i - 1) / 2 : -1);
            }
        }
        return List.of(
                scope.tensor(
                        new HostTensor("images", type, List.of((long) SENTENCES.length, 1L, 64L, 64L), images.flip())),
                scope.longs(ids.flip(), SENTENCES.length, LENGTH),
                scope.longs(mask.flip(), SENTENCES.length, LENGTH),
                scope.longs(map.flip(), SENTENCES.length, LENGTH));
    }

    private static LongBuffer longs() {
        return ByteBuffer.allocateDirect(8 * SENTENCES.length * LENGTH)
                .order(ByteOrder.nativeOrder())
                .asLongBuffer();
    }
}
