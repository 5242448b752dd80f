package perdura.training.tasks.pair;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.datasets.data.ImageBatch;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;
import perdura.training.method.PairModel;
import perdura.training.method.PairModel.PairScores;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;

/**
 * Scores images with texts and trains nothing. A step is a batch of images, in the order of the sampling, all of them are one
 * epoch, and the last step measures. What was found out about each image is the job's state, so a run that was killed anywhere
 * ends with the same numbers.
 */
final class PairJob implements TrainingJob {
    private static final String ANSWERS = "answers";
    private static final String KEPT = "kept";

    /**
     * What is asked.
     *
     * @param rows of the images in their data set, and of the texts in theirs where they are reports, by name: a part of the state
     * @param findings class of each image
     * @param parts which images are measured as validation and as test, by place
     */
    record Questions(Map<String, RowList> rows, List<Integer> findings, Map<String, RowList> parts) {
        Questions {
            rows = new LinkedHashMap<>(rows);
            parts = new LinkedHashMap<>(parts);
            findings = List.copyOf(findings);
        }
    }

    private final Torch torch;
    private final PairModel model;
    private final PairModel.Texts texts;
    private final ImageEvaluator judge;
    private final ImageBatches batches;
    private final Questions questions;
    private final Runnable alive;
    private final List<long[]> kept = new ArrayList<>();

    /**
     * @param torch closed with the job, and all that it has made
     * @param texts of a scope that lives as long
     * @param batches of the images; closed with the job
     * @param alive called for each call of the engine
     */
    PairJob(
            Torch torch,
            PairModel model,
            PairModel.Texts texts,
            ImageEvaluator judge,
            ImageBatches batches,
            Questions questions,
            Runnable alive) {
        this.torch = torch;
        this.model = model;
        this.texts = texts;
        this.judge = judge;
        this.batches = batches;
        this.questions = questions;
        this.alive = alive;
    }

    @Override
    public long totalSteps() {
        return batches.batchesPerEpoch();
    }

    @Override
    public Position positionAfter(long step) {
        return new Position(1, step == totalSteps() ? 1 : 0, step);
    }

    @Override
    public Map<String, Double> step(long step) {
        ImageBatch batch = batches.batch(0, step);
        try (StepScope scope = torch.newStep()) {
            PairScores scores = model.score(scope, batch, texts, alive);
            for (int i = 0; i < scores.size(); i++) {
                requireFinite(step, scores.cosines(i));
                requireFinite(step, scores.local(i));
                kept.add(judge.judge(scores.cosines(i), scores.local(i), questions.findings.get(kept.size())));
            }
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("evaluated/images", (double) kept.size());
        if (step + 1 == totalSteps()) {
            metrics.put("evaluated/texts", (double) texts.size());
            metrics.put("evaluated/sentences", (double) texts.sentenceCount());
            metrics.put("best/epoch", 0.0);
            Map<String, Double> validation = measure(Split.VALIDATION, Split.VALIDATION);
            metrics.putAll(validation);
            validation.forEach((key, value) -> metrics.put("best/" + key, value));
            metrics.putAll(measure(Split.TEST, Split.TEST));
        }
        return metrics;
    }

    private Map<String, Double> measure(String part, String prefix) {
        RowList places = questions.parts.getOrDefault(part, RowList.of());
        int[] findings = places.stream().map(questions.findings::get).toArray();
        return judge.metrics(
                prefix, findings, places.stream().mapToObj(kept::get).toList());
    }

    static void requireFinite(long step, double[] scores) {
        for (double score : scores) {
            if (!Double.isFinite(score)) {
                throw new PerduraException(
                        ErrorCode.TRAINING_DIVERGED,
                        "step " + step + ": a score is " + score + "; the weights of the pre-training are not usable");
            }
        }
    }

    /** Its one section holds which images and reports were asked about, as rows of their data sets, and what was found out. */
    @Override
    public TrainState copyState() {
        List<HostTensor> state = new ArrayList<>();
        questions.rows.forEach((name, rows) -> state.add(
                StateNumbers.ofWhole(name, rows.stream().asLongStream().toArray())));
        long[] numbers = new long[questions.findings.size() * judge.width()];
        Arrays.fill(numbers, -1);
        for (int i = 0; i < kept.size(); i++) {
            System.arraycopy(kept.get(i), 0, numbers, i * judge.width(), judge.width());
        }
        state.add(StateNumbers.ofWhole(KEPT, numbers));
        return new TrainState(Map.of(ANSWERS, state));
    }

    @Override
    public void loadState(Position position, TrainState state) {
        List<HostTensor> answers = state.section(ANSWERS);
        questions.rows.forEach((name, rows) -> {
            long[] own = rows.stream().asLongStream().toArray();
            if (!Arrays.equals(StateNumbers.readWhole(name, answers, own.length), own)) {
                throw new PerduraException(
                        ErrorCode.CHECKPOINT_DAMAGED,
                        "tensor " + name + " names other rows than the trial's seed draws");
            }
        });
        int width = judge.width();
        long[] numbers = StateNumbers.readWhole(KEPT, answers, questions.findings.size() * width);
        kept.clear();
        for (int at = 0; at < numbers.length && numbers[at] >= 0; at += width) {
            kept.add(Arrays.copyOfRange(numbers, at, at + width));
        }
    }

    @Override
    public void close() {
        batches.close();
        torch.close();
    }
}
