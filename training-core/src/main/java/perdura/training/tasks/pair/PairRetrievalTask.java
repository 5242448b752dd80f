package perdura.training.tasks.pair;

import static perdura.grids.spec.ParameterSchema.optional;
import static perdura.grids.spec.ParameterSchema.required;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.stream.IntStream;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.ParameterType.Reference.Kind;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.TaskSchema;
import perdura.training.loop.TrainingJob;
import perdura.training.metric.PairRetrieval;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.pair.PartScoresJob.Shown;
import perdura.training.tasks.pair.SeenStudies.Distance;

/**
 * Retrieval of image-report pairs by a pre-trained model of images and texts, in both directions (sense.md 4.1): every image of the owner's test part
 * with the report of its study, ranked by cosine; and the same of the owner's validation part. Nothing is drawn, so the seed of a trial decides nothing.
 */
public final class PairRetrievalTask implements Task {
    private static final TaskSchema SCHEMA = new TaskSchema(
            "pair-retrieval",
            2,
            List.of(
                    required(
                            ClassifierSchema.DATASET,
                            new ParameterType.Reference(Kind.DATASET),
                            "the ingested data set whose images and reports are paired: mimic-cxr"),
                    required(
                            ClassifierSchema.ENCODER,
                            new ParameterType.Reference(Kind.WEIGHTS),
                            "a stage of a pre-training, whose encoders of images and texts answer"),
                    optional(ClassifierSchema.BATCH_SIZE, ClassifierSchema.COUNT, 50, "images of a step")),
            PairRetrieval.METRICS);

    @Override
    public TaskSchema schema() {
        return SCHEMA;
    }

    @Override
    public void check(TaskInput input) {
        split(input);
    }

    /** The studies of both parts. */
    private static Split split(TaskInput input) {
        TrainedPair trained = new TrainedPair(input);
        DataSet data = input.dataSet(ClassifierSchema.DATASET);
        trained.model();
        trained.requireReports(ClassifierSchema.DATASET, data);
        trained.requireImages(data);
        Distance[] distances = trained.seen().distances(data);
        Map<String, RowList> parts = new LinkedHashMap<>();
        parts.put(Split.VALIDATION, part(data, distances, trained, "validate"));
        parts.put(Split.TEST, part(data, distances, trained, "test"));
        return Split.of(
                "pairs",
                "official",
                Map.of("dataset", data.header().digest()),
                new DataSetSplits(data).samples(),
                parts);
    }

    private static RowList part(DataSet data, Distance[] distances, TrainedPair trained, String owners) {
        int[] rows = IntStream.range(0, distances.length)
                .filter(row -> data.split(row).equals(owners))
                .toArray();
        long seen = IntStream.of(rows)
                .filter(row -> distances[row] == Distance.SEEN)
                .count();
        if (rows.length == 0 || seen > 0) {
            String problem = rows.length == 0
                    ? "has no study in its owner's part '" + owners + "'"
                    : "the pre-training of " + trained.name() + " has seen " + seen + " of the " + rows.length
                            + " studies of its owner's part '" + owners + "'";
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "dataset: " + TrainedPair.name(data) + (rows.length == 0 ? " " : ": ") + problem
                            + "; pair-retrieval asks about pairs of 'validate' and 'test' that no training has seen");
        }
        return RowList.of(rows);
    }

    @Override
    public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
        TrainedPair trained = new TrainedPair(input);
        DataSet data = input.dataSet(ClassifierSchema.DATASET);
        Split split = split(input);
        SamplingFile.show(place, "pairs", split, data);
        Map<String, Shown> shown = new LinkedHashMap<>();
        Map<String, int[]> textOf = new LinkedHashMap<>();
        split.parts().forEach((name, part) -> {
            Pairs pairs = new Pairs(data, part.rows());
            textOf.put(name, pairs.textOf);
            shown.put(
                    name,
                    new Shown(
                            pairs.rows,
                            pairs.images,
                            (model, scope) -> model.reports(scope, data, pairs.reports, place.alive())));
        });
        return PartScoresJob.open(
                trained,
                Objects.requireNonNull(weights.get(ClassifierSchema.ENCODER)),
                place,
                data,
                ImageBatchConfig.View.WHOLE,
                shown,
                input.count(ClassifierSchema.BATCH_SIZE),
                cosines -> {
                    Map<String, Double> metrics = new LinkedHashMap<>();
                    cosines.forEach((name, scores) -> {
                        int[] texts = Objects.requireNonNull(textOf.get(name));
                        int distinct = scores.limit() / texts.length;
                        PairRetrieval.of(scores, distinct, texts)
                                .metrics()
                                .forEach((metric, value) -> metrics.put(name + "/" + metric, value));
                    });
                    return metrics;
                });
    }

    /** The images of some studies, and their reports without repetition. */
    private static final class Pairs {
        /** The study of each image. */
        private final int[] rows;
        /** Its number within the study. */
        private final int[] images;
        /** The place of its report in {@code reports}. */
        private final int[] textOf;
        /** A study for each distinct report. */
        private final int[] reports;

        Pairs(DataSet data, RowList studies) {
            int all = studies.stream().map(data::imageCount).sum();
            rows = new int[all];
            images = new int[all];
            textOf = new int[all];
            List<Integer> distinct = new ArrayList<>();
            Map<List<Integer>, Integer> places = new LinkedHashMap<>();
            int at = 0;
            for (int i = 0; i < studies.size(); i++) {
                int row = studies.at(i);
                List<Integer> text = IntStream.range(0, data.sentenceCount(row))
                        .mapToObj(k -> data.sentence(row, k))
                        .toList();
                Integer place = places.putIfAbsent(text, distinct.size());
                if (place == null) {
                    place = distinct.size();
                    distinct.add(row);
                }
                for (int image = 0; image < data.imageCount(row); image++) {
                    rows[at] = row;
                    images[at] = image;
                    textOf[at++] = place;
                }
            }
            reports = distinct.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
