package perdura.datasets.synth;

import perdura.grids.spec.EnumWord;

/** A finding that the images show and the reports tell. */
enum Finding {
    EFFUSION("pleural effusion"),
    CONSOLIDATION("consolidation"),
    CARDIOMEGALY("cardiomegaly"),
    EDEMA("pulmonary edema"),
    ATELECTASIS("atelectasis"),
    PNEUMOTHORAX("pneumothorax");

    private final String term;

    Finding(String term) {
        this.term = term;
    }

    /** The name in a report. */
    String term() {
        return term;
    }

    /** The name in the file of the truth. */
    String key() {
        return EnumWord.of(this);
    }
}
