package perdura.cli.stack;

/** The parts of the local stack, in the order in which they start. They stop in the opposite order. */
public enum PartName {
    POSTGRES("Postgres"),
    TEMPORAL("Temporal"),
    MLFLOW("MLflow"),
    WORKER("worker");

    private final String title;

    PartName(String title) {
        this.title = title;
    }

    /** How people call it. */
    public String title() {
        return title;
    }
}
