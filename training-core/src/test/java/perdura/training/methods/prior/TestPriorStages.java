package perdura.training.methods.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.checkpoint.TrainState;
import perdura.training.golden.PriorSpecs;
import perdura.training.loop.StepDiagnostics;
import perdura.training.methods.prior.StageValidation.HeldOutPairs;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.LearningRateFactors;
import perdura.training.methods.prior.spec.StageSpec.LossWeights;
import perdura.training.methods.prior.spec.StageSpec.Module;
import perdura.training.weights.InitialWeights;

/** The plan of stages: what each trains, what goes on over a boundary, and what begins anew. */
class TestPriorStages {
    private static final long STEPS_PER_EPOCH = 2;
    private static final List<StageSpec> PLAN =
            List.of(PriorSpecs.stage(1, 1), PriorSpecs.stage(2, 2), PriorSpecs.stage(3, 1));
    private static final List<String> STAGE_1 = List.of(
            "train/loss",
            "train/loss_global",
            "train/loss_r2i",
            "train/loss_i2r",
            "train/learning_rate",
            "train/scale_global",
            "train/scale_local",
            "train/grad_norm");
    private static final List<String> BANK = List.of(
            "train/loss_proto",
            "train/proto_relative",
            "train/prototype_greatest_weight",
            "train/query_greatest_weight",
            "train/prototype_used",
            "train/prototype_entropy",
            "train/prototype_perplexity",
            "train/query_used",
            "train/query_entropy",
            "train/query_perplexity",
            "train/tau");
    private static final List<String> RECONSTRUCTION =
            List.of("train/loss_img", "train/loss_spg", "train/loss_kl", "train/loss_gpa", "train/query_hits");

    private static final HeldOutPairs HELD_OUT = new HeldOutPairs(2, index -> TestPriorJob.batch(77, index), null);

    @Test
    void validationChangesNoBitAndIsTheSameWhereverTheJobWasStopped() {
        List<TrainState> states = new ArrayList<>();
        List<StepDiagnostics> findings = new ArrayList<>();
        List<Map<String, Double>> metrics = new ArrayList<>();
        try (PriorJob job = job(HELD_OUT)) {
            for (long step = 0; step < 8; step++) {
                metrics.add(job.step(step));
                TrainState before = copy(job);
                findings.add(ended(job, step));
                states.add(copy(job));
                assertThat(digest(job, states.get((int) step), step + 1)).isEqualTo(digest(job, before, step + 1));
            }
        }
        try (PriorJob plain = job(SpbSpec.Init.GAUSSIAN_L1, PLAN)) {
            for (long step = 0; step < 8; step++) {
                assertThat(plain.step(step)).isEqualTo(metrics.get((int) step));
                assertThat(ended(plain, step).metrics()).isEmpty();
            }
            assertThat(digest(plain, copy(plain), 8)).isEqualTo(digest(plain, states.get(7), 8));
        }
        try (PriorJob other = job(HELD_OUT)) {
            for (int stopped = 6; stopped >= 0; stopped--) {
                other.loadState(other.positionAfter(stopped + 1), states.get(stopped));
                for (int step = stopped + 1; step < 8; step++) {
                    other.step(step);
                    assertThat(ended(other, step))
                            .as("stopped after %s, step %s", stopped, step)
                            .isEqualTo(findings.get(step));
                }
            }
        }
    }

    @Test
    void anEpochsEndIsValidatedByEveryTermOfItsStage() {
        try (PriorJob job = job(HELD_OUT)) {
            List<Map<String, Double>> found = new ArrayList<>();
            for (long step = 0; step < 8; step++) {
                job.step(step);
                found.add(ended(job, step).metrics());
            }
            assertThat(found.get(0)).isEmpty();
            assertThat(found.get(1).keySet())
                    .containsExactly(
                            "validation/loss", "validation/loss_global", "validation/loss_r2i", "validation/loss_i2r");
            assertThat(found.get(5).keySet())
                    .contains(
                            "validation/loss_proto",
                            "validation/proto_relative",
                            "validation/prototype_greatest_weight",
                            "validation/prototype_perplexity")
                    .noneMatch(key -> key.contains("query"));
            Map<String, Double> last = found.get(7);
            assertThat(last)
                    .containsKeys(
                            "validation/loss_img",
                            "validation/loss_spg",
                            "validation/loss_kl",
                            "validation/loss_gpa",
                            "validation/query_hits");
            assertThat(value(last, "validation/img_relative"))
                    .isCloseTo(value(last, "validation/loss_img") / meanImageError(), within(1e-9));
            // 10 L_glob + L_r2i + L_i2r + 10 L_proto + L_img + 10 L_spg + L_kl + L_gpa (prior.md 2.9)
            assertThat(value(last, "validation/loss"))
                    .isCloseTo(
                            10 * value(last, "validation/loss_global")
                                    + value(last, "validation/loss_r2i")
                                    + value(last, "validation/loss_i2r")
                                    + 10 * value(last, "validation/loss_proto")
                                    + value(last, "validation/loss_img")
                                    + 10 * value(last, "validation/loss_spg")
                                    + value(last, "validation/loss_kl")
                                    + value(last, "validation/loss_gpa"),
                            within(1e-4));
        }
    }

    /** Of both batches' images: by the definition, in double. */
    private static double meanImageError() {
        int pixels = 64 * 64;
        List<FloatBuffer> images = List.of(
                TestPriorJob.batch(77, 0).images(), TestPriorJob.batch(77, 1).images());
        int count = images.get(0).limit() / pixels * 2;
        double error = 0;
        for (int pixel = 0; pixel < pixels; pixel++) {
            List<Double> values = new ArrayList<>();
            for (FloatBuffer batch : images) {
                for (int at = pixel; at < batch.limit(); at += pixels) {
                    values.add((double) batch.get(at));
                }
            }
            double mean = values.stream().mapToDouble(value -> value).sum() / count;
            error +=
                    values.stream().mapToDouble(value -> Math.abs(value - mean)).sum() / count;
        }
        return error / pixels;
    }

    @Test
    void aRunThatCannotBeValidatedSaysWhy() {
        try (PriorJob job = job(new HeldOutPairs(0, index -> TestPriorJob.batch(0, 0), "there are none"))) {
            job.step(0);
            assertThat(ended(job, 0)).isEqualTo(StepDiagnostics.NONE);
            job.step(1);
            assertThat(ended(job, 1).metrics()).isEmpty();
            assertThat(ended(job, 1).events()).contains(new OnceEvent("NOT_VALIDATED", "run", "there are none"));
        }
    }

    private static double value(Map<String, Double> metrics, String key) {
        return metrics.getOrDefault(key, Double.NaN);
    }

    private static String digest(PriorJob job, TrainState state, long step) {
        return StateDigest.of(job.positionAfter(step), state);
    }

    @ParameterizedTest
    @CsvSource({"GAUSSIAN_L1,", "SENTENCE_KMEANS,", "GAUSSIAN, 2"})
    void jobStoppedAtAnyStepEndsWithTheSameBits(SpbSpec.Init init, @Nullable Integer chunk) {
        List<TrainState> states = new ArrayList<>(); // after each number of steps
        List<Map<String, Double>> metrics = new ArrayList<>();
        try (PriorJob job = job(init, chunk, PLAN)) {
            assertThat(job.totalSteps()).isEqualTo(8);
            states.add(copy(job));
            for (long step = 0; step < 8; step++) {
                metrics.add(job.step(step));
                states.add(copy(job));
            }
        }
        String undisturbed = StateDigest.of(new Position(3, 1, 8), states.get(8));
        try (PriorJob other = job(init, chunk, PLAN)) {
            for (int stopped = 7; stopped >= 0; stopped--) { // each time over the state of the end
                other.loadState(other.positionAfter(stopped), states.get(stopped));
                assertThat(StateDigest.of(other.positionAfter(stopped), other.copyState()))
                        .isEqualTo(StateDigest.of(other.positionAfter(stopped), states.get(stopped)));
                for (int step = stopped; step < 8; step++) {
                    assertThat(other.step(step))
                            .as("stopped at %s, step %s", stopped, step)
                            .isEqualTo(metrics.get(step));
                }
                assertThat(StateDigest.of(other.positionAfter(8), other.copyState()))
                        .as("stopped at %s", stopped)
                        .isEqualTo(undisturbed);
            }
        }
    }

    /** Anchor 20 of prior.md 9. */
    @Test
    void eachStageTrainsItsModulesAndBeginsWithAFreshOptimiser() {
        try (PriorJob job = job(SpbSpec.Init.GAUSSIAN_L1, PLAN)) {
            TrainState start = copy(job);
            run(job, 0, 2);
            TrainState first = copy(job);
            run(job, 2, 3);
            TrainState second = copy(job);
            run(job, 3, 6);
            TrainState beforeThird = copy(job);
            run(job, 6, 7);
            TrainState third = copy(job);
            assertThat(changed(start, first)).noneMatch(TestPriorStages::isOfLaterStage);
            assertThat(changed(first, second))
                    .filteredOn(TestPriorStages::isOfLaterStage)
                    .containsExactly("spb.prototypes");
            assertThat(changed(beforeThird, third))
                    .filteredOn(TestPriorStages::isOfLaterStage)
                    .hasSizeGreaterThan(60)
                    .noneMatch(name -> name.startsWith("text.bert.pooler"));
            assertThat(stepsOf(first)).containsOnly(2.0f);
            assertThat(stepsOf(second))
                    .containsOnly(1.0f)
                    .hasSize(stepsOf(first).size() + 1);
            assertThat(stepsOf(beforeThird)).containsOnly(4.0f);
            assertThat(stepsOf(third)).containsOnly(1.0f);
        }
    }

    @Test
    void weightsAloneAreAHandOverToTheNextStage() {
        try (PriorJob job = job(SpbSpec.Init.GAUSSIAN_L1, PLAN);
                PriorJob fork = job(SpbSpec.Init.GAUSSIAN_L1, PLAN)) {
            run(job, 0, 6);
            TrainState ended = copy(job);
            run(job, 6, 8);
            fork.loadState(fork.positionAfter(6), TrainState.ofWeights(ended.weights()));
            assertThatThrownBy(() -> fork.step(7))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED))
                    .hasMessage("stage 3 can't go on at its step 1 without the state of its optimiser");
            run(fork, 6, 8);
            assertThat(StateDigest.of(fork.positionAfter(8), fork.copyState()))
                    .isEqualTo(StateDigest.of(job.positionAfter(8), job.copyState()));
        }
    }

    @Test
    void stateOfAnotherModelIsRefused() {
        try (PriorJob job = job(SpbSpec.Init.GAUSSIAN_L1, PLAN)) {
            TrainState state = copy(job);
            Position position = job.positionAfter(1);
            List<HostTensor> without = new ArrayList<>(state.section("totals"));
            without.removeIf(tensor -> tensor.name().equals("epoch.sums"));
            TrainState withoutSums = TrainState.ofWeights(state.weights())
                    .with(TrainState.OPTIMIZER, state.optimizer())
                    .with("totals", without);
            assertThatThrownBy(() -> job.loadState(position, withoutSums))
                    .hasMessage("tensor epoch.sums must be F64[3], was missing");
            List<HostTensor> more = new ArrayList<>(state.section("totals"));
            more.add(StateNumbers.of("epoch.others", 1));
            TrainState withOthers = TrainState.ofWeights(state.weights())
                    .with(TrainState.OPTIMIZER, state.optimizer())
                    .with("totals", more);
            assertThatThrownBy(() -> job.loadState(position, withOthers))
                    .hasMessage("tensors epoch.others are unknown to this model");
            List<HostTensor> fewer = new ArrayList<>(state.optimizer());
            fewer.removeIf(tensor -> tensor.name().endsWith("lam.image.q_proj.weight"));
            TrainState withoutMoments = TrainState.ofWeights(state.weights())
                    .with(TrainState.OPTIMIZER, fewer)
                    .with("totals", state.section("totals"));
            assertThatThrownBy(() -> job.loadState(position, withoutMoments))
                    .hasMessageContaining("lam.image.q_proj.weight is missing");
        }
    }

    @Test
    void everyTermAndFigureIsTold() {
        try (PriorJob job = job(SpbSpec.Init.GAUSSIAN_L1, PLAN)) {
            assertThat(job.step(0).keySet()).containsExactlyElementsOf(STAGE_1);
            assertThat(job.step(1)).containsKeys("epoch/loss_global", StageHealth.GLOBAL_AT_CHANCE);
            Map<String, Double> second = job.step(2);
            assertThat(second.keySet()).containsExactlyInAnyOrderElementsOf(join(STAGE_1, BANK));
            assertThat(second).containsEntry("train/tau", 0.9).containsEntry("train/learning_rate", 1e-4);
            assertThat(second.getOrDefault("train/prototype_perplexity", 0.0)).isBetween(1.0, 20.0);
            assertThat(job.step(3))
                    .containsKeys(
                            "epoch/prototype_used",
                            "epoch/prototype_entropy",
                            "epoch/prototype_perplexity",
                            "epoch/prototype_greatest_weight")
                    .doesNotContainKey(StageHealth.PROTOTYPES_UNIFORM); // judged at the stage's end
            job.step(4);
            assertThat(job.step(5)).containsKey(StageHealth.PROTOTYPES_UNIFORM);
            Map<String, Double> third = job.step(6);
            assertThat(third.keySet()).containsExactlyInAnyOrderElementsOf(join(join(STAGE_1, BANK), RECONSTRUCTION));
            assertThat(third.getOrDefault("train/tau", 0.0)).isEqualTo(0.9 * Math.pow(0.01 / 0.9, 4 / 6.0));
            assertThat(third.values()).allSatisfy(value -> assertThat(value).isFinite());
        }
    }

    @Test
    void chunkedJobTellsWhatAWholeOneTells() {
        try (PriorJob whole = job(SpbSpec.Init.GAUSSIAN_L1, PLAN);
                PriorJob chunked = job(SpbSpec.Init.GAUSSIAN_L1, 3, PLAN)) {
            for (long step = 0; step < 8; step++) {
                Map<String, Double> metrics = chunked.step(step);
                assertThat(metrics.keySet())
                        .containsExactlyElementsOf(whole.step(step).keySet());
                assertThat(metrics.values())
                        .allSatisfy(value -> assertThat(value).isFinite());
            }
            assertThat(StateDigest.of(chunked.positionAfter(8), chunked.copyState()))
                    .as("BatchNorm's statistics are those of chunks")
                    .isNotEqualTo(StateDigest.of(whole.positionAfter(8), whole.copyState()));
        }
    }

    @Test
    void epochsUsageIsThatOfAllItsSteps() {
        try (PriorJob job = job(SpbSpec.Init.GAUSSIAN, PLAN)) {
            run(job, 0, 2);
            double first = job.step(2).getOrDefault("train/prototype_used", 0.0);
            Map<String, Double> last = job.step(3);
            double second = last.getOrDefault("train/prototype_used", 0.0);
            assertThat(last.getOrDefault("epoch/prototype_used", 0.0))
                    .isBetween(Math.max(first, second), first + second);
        }
    }

    @Test
    void onlyTheFirstStageWithTheBankClustersSentences() {
        try (PriorJob job = job(SpbSpec.Init.SENTENCE_KMEANS, PLAN)) {
            run(job, 0, 2);
            byte[] before = bytes(copy(job), "spb.prototypes");
            run(job, 2, 3);
            float[] norms = norms(copy(job));
            // One step of Adam later the rows still have about one length, far from that of the Gaussian's.
            for (float norm : norms) {
                assertThat(norm).isBetween(0.95f * norms[0], 1.05f * norms[0]);
            }
            assertThat(bytes(copy(job), "spb.prototypes")).isNotEqualTo(before);
        }
    }

    @Test
    void tooFewSentencesForTheBankAreNamed() {
        ModelSpec many = PriorSpecs.tiny(LamActivation.SIGMOID, 0, bank(SpbSpec.Init.SENTENCE_KMEANS), PriorSpecs.CCR);
        try (PriorJob job = PriorJob.open(
                TestPriorJob.spec(1, null, PLAN.subList(1, 2), many),
                (stage, epoch, index) -> TestPriorJob.batch(0, 0),
                STEPS_PER_EPOCH,
                TestPriorJob.VOCABULARY,
                1)) {
            assertThatThrownBy(() -> job.step(0))
                    .hasMessage(
                            "model.spb.init: sentence-kmeans needs at least model.prototypes = 20 different sentences,"
                                    + " and the reports of an epoch have 12; take fewer prototypes or another init");
        }
    }

    @Test
    void everySwitchTrains() {
        SpbSpec bank = new SpbSpec(
                SpbSpec.Init.GAUSSIAN,
                1,
                15,
                SpbSpec.Query.HARD,
                SpbSpec.TauSchedule.LINEAR,
                2,
                0.5,
                0.1,
                SpbSpec.LossMean.REPORTS);
        CcrSpec ccr = new CcrSpec(
                CcrSpec.Mask.SPATIAL_CELL, 0.25, CcrSpec.Block.CONV_RELU_BN, true, true, CcrSpec.RequeryNoise.NONE, 3);
        StageSpec stage = new StageSpec(
                3,
                10,
                0,
                2e-3,
                2e-3,
                0,
                PriorSpecs.modules(3),
                new LossWeights(10, 1, 1, 10, 1, 10, 1, 1, 1, 0),
                new LearningRateFactors(1, 0.05, 1, 1, 0.2, 1, 1));
        ModelSpec model = PriorSpecs.tiny(LamActivation.SOFTMAX, 0.1, bank, ccr);
        try (PriorJob job = PriorJob.open(
                TestPriorJob.spec(1, 1.0, List.of(stage), model),
                (number, epoch, index) -> TestPriorJob.batch(0, 0),
                STEPS_PER_EPOCH,
                TestPriorJob.VOCABULARY,
                1)) {
            Map<String, Double> first = job.step(0);
            assertThat(first).containsKey("train/loss_cross_image");
            run(job, 1, 19);
            Map<String, Double> last = job.step(19);
            for (String term : List.of("train/loss", "train/loss_img", "train/loss_spg")) {
                assertThat(last.getOrDefault(term, Double.NaN))
                        .as(term)
                        .isLessThan(first.getOrDefault(term, Double.NaN));
            }
        }
    }

    /** What no term needs is neither computed nor trained: weight decay would move it. */
    @ParameterizedTest
    @EnumSource(Module.class)
    void termsOfWeightNothingTrainNothing(Module only) {
        LossWeights weights = switch (only) {
            case LAM -> new LossWeights(0, 0, 1, 0, 0, 0, 0, 0, 0, 0);
            case SPB -> new LossWeights(0, 0, 0, 1, 0, 0, 0, 0, 0, 0);
            case CCR -> new LossWeights(0, 0, 0, 0, 0, 0, 1, 0, 0, 0);
        };
        StageSpec stage =
                new StageSpec(3, 1, 0, 1e-2, 1e-2, 0, PriorSpecs.modules(3), weights, LearningRateFactors.ONE);
        try (PriorJob job = job(SpbSpec.Init.GAUSSIAN, List.of(stage))) {
            TrainState before = copy(job);
            Map<String, Double> metrics = job.step(0);
            assertThat(metrics.keySet())
                    .filteredOn(key -> key.startsWith("train/loss_"))
                    .containsExactly(
                            switch (only) {
                                case LAM -> "train/loss_i2r";
                                case SPB -> "train/loss_proto";
                                case CCR -> "train/loss_kl";
                            });
            List<String> changed = changed(before, copy(job));
            List<String> untouched = switch (only) {
                case LAM ->
                    List.of("lam.text.v_proj", "lam.image.q_proj", "predictor", "image_decoder", "sentence_decoder");
                case SPB -> List.of("image", "lam", "predictor", "sentence_decoder", "text.sentence_pool");
                case CCR -> List.of("image_decoder", "lam", "predictor", "image.attention_pool", "global_log_scale");
            };
            assertThat(changed)
                    .isNotEmpty()
                    .noneMatch(name -> untouched.stream()
                            .anyMatch(module -> name.startsWith(module + ".") || name.equals(module)));
        }
    }

    private static boolean isOfLaterStage(String name) {
        return name.matches("(spb|image_decoder|sentence_decoder|text\\.bert\\.pooler)\\..*");
    }

    private static List<String> join(List<String> some, List<String> others) {
        List<String> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    private static List<Float> stepsOf(TrainState state) {
        return state.optimizer().stream()
                .filter(tensor -> tensor.name().startsWith("step."))
                .map(tensor ->
                        tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN).getFloat())
                .toList();
    }

    private static List<String> changed(TrainState before, TrainState after) {
        Map<String, ByteBuffer> old = new LinkedHashMap<>();
        before.weights().forEach(tensor -> old.put(tensor.name(), tensor.data()));
        return after.weights().stream()
                .filter(tensor -> !tensor.data().equals(old.get(tensor.name())))
                .map(HostTensor::name)
                .toList();
    }

    private static byte[] bytes(TrainState state, String name) {
        return state.weights().stream()
                .filter(tensor -> tensor.name().equals(name))
                .map(tensor -> {
                    byte[] bytes = new byte[tensor.data().remaining()];
                    tensor.data().duplicate().get(bytes);
                    return bytes;
                })
                .findFirst()
                .orElseThrow();
    }

    private static float[] norms(TrainState state) {
        ByteBuffer bank = ByteBuffer.wrap(bytes(state, "spb.prototypes")).order(ByteOrder.LITTLE_ENDIAN);
        float[] norms = new float[20];
        for (int k = 0; k < norms.length; k++) {
            double sum = 0;
            for (int i = 0; i < 24; i++) {
                float value = bank.getFloat();
                sum += value * value;
            }
            norms[k] = (float) Math.sqrt(sum);
        }
        return norms;
    }

    /** A copy that the job doesn't write to again. */
    private static TrainState copy(PriorJob job) {
        TrainState state = job.copyState();
        Map<String, List<HostTensor>> sections = new LinkedHashMap<>();
        state.sections().forEach((name, tensors) -> sections.put(name, copy(tensors)));
        return new TrainState(sections);
    }

    /** What the job tells at the end of an epoch; nothing within one. */
    private static StepDiagnostics ended(PriorJob job, long step) {
        boolean isEnd = (step + 1) % 2 == 0;
        return isEnd ? job.epochEnded(job.positionAfter(step + 1)) : StepDiagnostics.NONE;
    }

    private static List<HostTensor> copy(List<HostTensor> tensors) {
        List<HostTensor> copies = new ArrayList<>();
        for (HostTensor tensor : tensors) {
            ByteBuffer data =
                    ByteBuffer.allocateDirect(tensor.data().remaining()).order(ByteOrder.LITTLE_ENDIAN);
            data.put(tensor.data().duplicate()).flip();
            copies.add(new HostTensor(tensor.name(), tensor.type(), tensor.shape(), data));
        }
        return copies;
    }

    private static void run(PriorJob job, long from, long until) {
        for (long step = from; step < until; step++) {
            job.step(step);
        }
    }

    private static SpbSpec bank(SpbSpec.Init init) {
        SpbSpec prior = PriorSpecs.SPB;
        return new SpbSpec(
                init,
                prior.initReports(),
                prior.initRounds(),
                prior.query(),
                prior.tauSchedule(),
                prior.tauStart(),
                prior.tauEnd(),
                prior.evaluationTau(),
                prior.lossMean());
    }

    private static PriorJob job(HeldOutPairs heldOut) {
        ModelSpec model = PriorSpecs.tiny(LamActivation.SIGMOID, 0.1, bank(SpbSpec.Init.GAUSSIAN_L1), PriorSpecs.CCR);
        return PriorJob.open(
                TestPriorJob.spec(1, null, PLAN, model),
                (stage, epoch, index) -> TestPriorJob.batch(stage, index),
                STEPS_PER_EPOCH,
                heldOut,
                InitialWeights.NONE,
                TestPriorJob.VOCABULARY,
                1);
    }

    private static PriorJob job(SpbSpec.Init init, List<StageSpec> plan) {
        return job(init, null, plan);
    }

    private static PriorJob job(SpbSpec.Init init, @Nullable Integer chunk, List<StageSpec> plan) {
        ModelSpec model = PriorSpecs.tiny(LamActivation.SIGMOID, 0.1, bank(init), PriorSpecs.CCR);
        return PriorJob.open(
                TestPriorJob.spec(1, chunk, null, plan, model),
                (stage, epoch, index) -> TestPriorJob.batch(stage, index),
                STEPS_PER_EPOCH,
                TestPriorJob.VOCABULARY,
                1);
    }
}
