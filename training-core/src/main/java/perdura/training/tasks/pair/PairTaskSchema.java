package perdura.training.tasks.pair;

import static perdura.grids.spec.ParameterSchema.optional;
import static perdura.grids.spec.ParameterSchema.required;

import java.util.List;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.ParameterType.Reference.Kind;
import perdura.training.tasks.ClassifierSchema;

/** What the schemas of zero-shot classification and retrieval share. */
final class PairTaskSchema {
    static final String REPORTS = "reports";
    static final String PER_CLASS = "perClass";
    static final String REPORTS_PER_CLASS = "reportsPerClass";
    static final String ALLOW_FEWER = "allowFewer";
    static final String SCALE = "scale";
    static final String LOCAL_WEIGHT = "localWeight";
    static final String VALIDATION = "validation";
    static final String HALF = "half";

    private static final ParameterType SAMPLES = new ParameterType.Whole(1, 1_000_000);

    private PairTaskSchema() {}

    /** What is asked about, and by which model. */
    static List<ParameterSchema> images() {
        return List.of(
                required(
                        ClassifierSchema.DATASET,
                        new ParameterType.Reference(Kind.DATASET),
                        "the ingested data set whose images are shown: chexpert-5x200, chexpert, or mimic-cxr with labels"),
                required(
                        ClassifierSchema.ENCODER,
                        new ParameterType.Reference(Kind.WEIGHTS),
                        "a stage of a pre-training, whose encoders of images and texts answer"),
                optional(
                        PER_CLASS, SAMPLES, 200, "images of each of the five findings, drawn by the seed of the trial"),
                optional(
                        ALLOW_FEWER,
                        new ParameterType.Flag(),
                        false,
                        "whether as many of each finding as the rarest one has are taken where there are too few"));
    }

    /** How answers are made and measured. */
    static List<ParameterSchema> scores() {
        return List.of(
                optional(
                        SCALE,
                        new ParameterType.Word(List.of("log", "exp")),
                        "log",
                        "what multiplies the cosine: the stored logarithm of the scale, or the scale itself"),
                optional(
                        LOCAL_WEIGHT,
                        ParameterType.Real.notNegative(),
                        1.0,
                        "of the local score beside the global one"),
                optional(
                        VALIDATION,
                        new ParameterType.Word(List.of("same", HALF)),
                        "same",
                        "half: of each finding, the first half of the images validates and the other half tests; same: all"
                                + " of them do both"),
                optional(ClassifierSchema.BATCH_SIZE, ClassifierSchema.COUNT, 50, "images of a step"));
    }

    /** Where the reports come from. */
    static List<ParameterSchema> reports() {
        return List.of(
                required(
                        REPORTS,
                        new ParameterType.Reference(Kind.DATASET),
                        "the ingested data set whose reports are the candidates: mimic-cxr with labels"),
                optional(
                        REPORTS_PER_CLASS,
                        SAMPLES,
                        1000,
                        "reports of each of the five findings, of studies that the pre-training has not seen"));
    }
}
