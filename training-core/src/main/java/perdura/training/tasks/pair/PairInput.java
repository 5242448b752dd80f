package perdura.training.tasks.pair;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import perdura.datasets.data.DataSet;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.PerduraException;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.PretrainedModel;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.pair.ExclusiveSampling.Shortage;

/** A trial of zero-shot classification or retrieval: reads the parameters of {@link PairTaskSchema}. */
record PairInput(TaskInput input) {
    /** What the sampling of a trial's images is called, and what its draws are seeded by. */
    private static final String IMAGES = "5x200";

    private static final String REPORTS = "retrieval";

    DataSet dataSet() {
        return input.dataSet(ClassifierSchema.DATASET);
    }

    DataSet reports() {
        return input.dataSet(PairTaskSchema.REPORTS);
    }

    int batchSize() {
        return input.count(ClassifierSchema.BATCH_SIZE);
    }

    ScoreRule rule() {
        return new ScoreRule(
                ScoreRule.Scale.ofWord(input.word(PairTaskSchema.SCALE)), input.real(PairTaskSchema.LOCAL_WEIGHT));
    }

    /**
     * The model that answers.
     *
     * @throws PerduraException INVALID_SPEC if its local scores are asked for and were never trained; as {@link TrainedPair#model}
     */
    TrainedPair trained() {
        TrainedPair trained = new TrainedPair(input);
        PretrainedModel model = trained.model();
        boolean isLocal = model.pairModels().scoresLocally(model.spec(), model.stage());
        if (rule().localWeight() > 0 && !isLocal) {
            throw TrainedPair.invalid("localWeight is " + rule().localWeight() + ", but no stage until "
                    + input.encoder(ClassifierSchema.ENCODER).orElseThrow().name()
                    + " trains local alignment; set localWeight: 0");
        }
        return trained;
    }

    /**
     * The images, by finding.
     *
     * @throws PerduraException as {@link TrainedPair#requireImages} and {@link ExclusiveSampling#draw}
     */
    Split images() {
        TrainedPair trained = trained();
        trained.requireImages(dataSet());
        return draw(ClassifierSchema.DATASET, IMAGES, PairTaskSchema.PER_CLASS, trained);
    }

    /**
     * The candidate reports, by finding.
     *
     * @throws PerduraException as {@link TrainedPair#requireReports} and {@link ExclusiveSampling#draw}
     */
    Split candidates() {
        TrainedPair trained = trained();
        trained.requireReports(PairTaskSchema.REPORTS, reports());
        return draw(PairTaskSchema.REPORTS, REPORTS, PairTaskSchema.REPORTS_PER_CLASS, trained);
    }

    private Split draw(String path, String purpose, String sizes, TrainedPair trained) {
        Object fewer = input.trial().parameters().value(PairTaskSchema.ALLOW_FEWER);
        return new ExclusiveSampling(
                        path,
                        purpose,
                        input.count(sizes),
                        Boolean.TRUE.equals(fewer) ? Shortage.TAKE_FEWER : Shortage.REFUSE,
                        input.trial().seed())
                .draw(input.dataSet(path), trained.seen(), sizes);
    }

    /**
     * Which images of a sampling are measured as what, as places in {@link #inOrder}.
     *
     * @throws PerduraException INVALID_SPEC if a finding's images can't be halved
     */
    Map<String, RowList> parts(Split images) {
        int all = inOrder(images).size();
        Map<String, RowList> parts = new LinkedHashMap<>();
        if (!input.word(PairTaskSchema.VALIDATION).equals(PairTaskSchema.HALF)) {
            parts.put(Split.VALIDATION, RowList.range(all));
            parts.put(Split.TEST, RowList.range(all));
            return parts;
        }
        int each = all / images.parts().size();
        if (each < 2) {
            throw TrainedPair.invalid("validation: half needs at least 2 images of each finding, there is " + each
                    + "; take a greater perClass, or validation: same");
        }
        int half = (each + 1) / 2;
        parts.put(Split.VALIDATION, places(all, place -> place % each < half));
        parts.put(Split.TEST, places(all, place -> place % each >= half));
        return parts;
    }

    private static RowList places(int all, IntPredicate wanted) {
        return RowList.of(IntStream.range(0, all).filter(wanted).toArray());
    }

    /** The rows of a sampling, finding by finding. */
    static RowList inOrder(Split sampling) {
        return RowList.of(sampling.parts().values().stream()
                .flatMapToInt(part -> part.rows().stream())
                .toArray());
    }

    /** The finding of each of {@link #inOrder}. */
    static int[] findings(Split sampling) {
        int each = inOrder(sampling).size() / sampling.parts().size();
        return IntStream.range(0, each * sampling.parts().size())
                .map(place -> place / each)
                .toArray();
    }
}
