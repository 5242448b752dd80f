package perdura.datasets.synth;

import perdura.grids.spec.EnumWord;

/** A finding that the images show and the reports tell. */
enum Finding {
    EFFUSION("pleural effusion", "Pleural Effusion"),
    CONSOLIDATION("consolidation", "Consolidation"),
    CARDIOMEGALY("cardiomegaly", "Cardiomegaly"),
    EDEMA("pulmonary edema", "Edema"),
    ATELECTASIS("atelectasis", "Atelectasis"),
    PNEUMOTHORAX("pneumothorax", "Pneumothorax");

    private final String term;
    private final String column;

    Finding(String term, String column) {
        this.term = term;
        this.column = column;
    }

    /** The name in a report. */
    String term() {
        return term;
    }

    /** The name of its column in tables of labels. */
    String column() {
        return column;
    }

    /** The name in the file of the truth. */
    String key() {
        return EnumWord.of(this);
    }
}
