package perdura.training.figure;

import perdura.grids.spec.EnumWord;
import perdura.grids.spec.StageSpec;
import perdura.grids.spec.StageSpec.Module;

/** The five pictures (prior.md 5). */
public enum Figure {
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

    Figure(int number, Module needs) {
        this.number = number;
        this.needs = needs;
    }

    /** From 1 to 5. */
    public int number() {
        return number;
    }

    /** Of its files, without an ending: {@code figure1-sentences}. */
    public String fileName() {
        return "figure" + number + "-" + EnumWord.of(this);
    }

    /** Whether it can be drawn of a stage. */
    public boolean canShow(StageSpec stage) {
        return stage.has(needs);
    }

    /** What a stage must have. */
    public String need() {
        return "a checkpoint of a stage with " + EnumWord.of(needs);
    }
}
