package perdura.training.tasks.pair;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetHeader;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.PretrainedEncoder;
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
     * @throws PerduraException INVALID_SPEC if the encoder is none of a whole model, or its local scores were never trained
     */
    PretrainedModel model() {
        PretrainedEncoder encoder = input.encoder(ClassifierSchema.ENCODER).orElseThrow();
        PretrainedModel model = encoder.model();
        if (model == null || model.method().pairModels().isEmpty()) {
            throw invalid("encoder " + encoder.name() + " has no text encoder beside it; " + task()
                    + " takes a stage of a pre-training");
        }
        boolean isLocal = model.pairModels().scoresLocally(model.spec(), model.stage());
        if (rule().localWeight() > 0 && !isLocal) {
            throw invalid("localWeight is " + rule().localWeight() + ", but no stage until " + encoder.name()
                    + " trains local alignment; set localWeight: 0");
        }
        return model;
    }

    private String task() {
        return "task " + input.trial().task();
    }

    /**
     * What the model has learned: its vocabulary, and what it has seen.
     *
     * @throws PerduraException INVALID_DATA if it is not in the artifact store
     */
    DataSet learned() {
        Path folder = model().dataFolder();
        if (folder == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "the data set that encoder "
                            + input.encoder(ClassifierSchema.ENCODER)
                                    .orElseThrow()
                                    .name()
                            + " learned is not in the artifact store, and with it its vocabulary and the list of what it"
                            + " has seen; ingest it again");
        }
        return DataSet.open(folder);
    }

    /**
     * The images, by finding.
     *
     * @throws PerduraException INVALID_SPEC if the images don't fit the model; as {@link ExclusiveSampling#draw}
     */
    Split images() {
        int wanted = model().method().imageSize(model().spec());
        int ingested = dataSet().header().imageSize();
        if (wanted != ingested) {
            throw invalid("dataset: " + name(dataSet()) + " was ingested with " + ingested
                    + ", but the model of encoder "
                    + input.encoder(ClassifierSchema.ENCODER).orElseThrow().name() + " takes images of " + wanted
                    + " pixels; ingest it with --image-size " + wanted);
        }
        return draw(ClassifierSchema.DATASET, IMAGES, PairTaskSchema.PER_CLASS, learned());
    }

    /**
     * The candidate reports, by finding.
     *
     * @throws PerduraException INVALID_SPEC if the set has no reports, or the model can't read them; as
     *     {@link ExclusiveSampling#draw}
     */
    Split candidates() {
        DataSetHeader.Words own = reports().header().vocabulary();
        DataSet learned = learned();
        if (own == null) {
            throw invalid("reports: " + name(reports()) + " has no reports; take mimic-cxr");
        }
        if (!own.equals(learned.header().vocabulary())) {
            throw invalid(
                    "reports: " + name(reports()) + " was cut by another vocabulary than the pre-training's data set "
                            + learned.header().digest() + "; ingest it with that one's vocab.txt");
        }
        return draw(PairTaskSchema.REPORTS, REPORTS, PairTaskSchema.REPORTS_PER_CLASS, learned);
    }

    private Split draw(String path, String purpose, String sizes, DataSet learned) {
        Object fewer = input.trial().parameters().value(PairTaskSchema.ALLOW_FEWER);
        return new ExclusiveSampling(
                        path,
                        purpose,
                        input.count(sizes),
                        Boolean.TRUE.equals(fewer) ? Shortage.TAKE_FEWER : Shortage.REFUSE,
                        input.trial().seed())
                .draw(
                        input.dataSet(path),
                        new SeenStudies(learned, model().spec().data().split()),
                        sizes);
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
            throw invalid("validation: half needs at least 2 images of each finding, there is " + each
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

    private static String name(DataSet data) {
        return "data set " + data.header().digest() + " (" + data.header().set().word() + ")";
    }

    private static PerduraException invalid(String message) {
        return new PerduraException(ErrorCode.INVALID_SPEC, message);
    }
}
