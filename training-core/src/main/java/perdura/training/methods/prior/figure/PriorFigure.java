package perdura.training.methods.prior.figure;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.PretrainSpec;
import perdura.training.method.Figure;
import perdura.training.methods.prior.model.TrainedPrior;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.Module;

/** The five pictures (prior.md 5). */
public enum PriorFigure implements Figure {
    /** t-SNE of sentence embeddings without and with the bank. */
    SENTENCES(1, Module.SPB),
    /** How synonymous sentences ask the bank. */
    QUERIES(2, Module.SPB),
    /** Where LAM looks for "X is observed". */
    ATTENTION(3, Module.LAM),
    /** Images that are reconstructed from hidden patches and the report. */
    RECONSTRUCTIONS(4, Module.CCR),
    /** Prototypes of reports, and those predicted from the image. */
    PROTOTYPES(5, Module.CCR);

    private final int number;
    private final Module needs;

    PriorFigure(int number, Module needs) {
        this.number = number;
        this.needs = needs;
    }

    /** Of its files, without an ending: {@code figure1-sentences}. */
    String fileName() {
        return "figure" + number + "-" + name().toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean canShow(PretrainSpec spec, int stage) {
        return PriorSpec.of(spec).stage(stage).has(needs);
    }

    @Override
    public String need() {
        return "a checkpoint of a stage with " + needs.name().toLowerCase(Locale.ROOT);
    }

    /** Sentences have the end of the last stage without the bank beside them, if that is still there. */
    @Override
    public List<Path> draw(Source source, Path folder) {
        PriorFigures files = new PriorFigures(folder);
        @Nullable
        Trained without = this != SENTENCES
                ? null
                : source.checkpoints().stream()
                        .filter(Trained::endsStage)
                        .filter(checkpoint -> !stage(source, checkpoint).has(Module.SPB))
                        .findFirst()
                        .orElse(null);
        Trained newest = source.checkpoints().get(0);
        try (TrainedPrior model = open(source, newest)) {
            FigureSource after = source(source, model, newest);
            if (without == null) {
                return files.draw(this, after, null);
            }
            try (TrainedPrior earlier = open(source, without)) {
                return files.draw(this, after, source(source, earlier, without));
            }
        }
    }

    private static FigureSource source(Source source, TrainedPrior model, Trained checkpoint) {
        return new FigureSource(source.torch(), model, stage(source, checkpoint), source.data(), source.seed());
    }

    private static StageSpec stage(Source source, Trained checkpoint) {
        return PriorSpec.of(source.spec()).stage(checkpoint.stage());
    }

    private static TrainedPrior open(Source source, Trained checkpoint) {
        return TrainedPrior.open(
                source.torch(),
                PriorSpec.of(source.spec()).model(),
                stage(source, checkpoint),
                source.data().vocabulary().size(),
                checkpoint.weights());
    }
}
