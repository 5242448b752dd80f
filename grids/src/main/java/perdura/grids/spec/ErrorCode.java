package perdura.grids.spec;

/** Why something failed: says who must act, and whether trying again can help. */
public enum ErrorCode {
    /** A spec, a flag or a setting is wrong; exit code 2. */
    INVALID_SPEC(false),
    /** The data set lacks a file, or a file of it can't be read. */
    INVALID_DATA(false),
    /** A file of weights is not what its format says, holds what is not allowed, or is of a model that can't be used. */
    INVALID_WEIGHTS(false),
    /** The data set is another than the one that the run began with. */
    DATA_CHANGED(false),
    /** The training would see what a downstream task is tested on. */
    DATA_LEAK(false),
    /** A checkpoint's bytes don't agree with its manifest; the one before it may be good. */
    CHECKPOINT_DAMAGED(false),
    /** No checkpoint of a run that has commits can be read. */
    CHECKPOINT_LOST(false),
    /** The loss is NaN or infinite. */
    TRAINING_DIVERGED(false),
    /** The device's memory is not enough for this run. */
    OUT_OF_MEMORY(false),
    /** Too many attempts in a row ended without a commit. */
    NO_PROGRESS(false),
    /** This attempt's environment is of another kind, and the spec says {@code resume.environment: refuse}. */
    ENVIRONMENT_CHANGED(false),
    /** Another attempt has claimed the run: this one must stop and leave no trace. */
    FENCED(false),
    /** The named thing is not in the store. */
    NOT_FOUND(false),
    /** What was asked can't be done to a thing in its state, or not by anybody; nothing has changed. */
    WRONG_STATE(false),
    /** The store's schema is older than this program, and nobody has asked for it to be changed. */
    SCHEMA_OUTDATED(false),
    /** What must have happened before a run, outside of it, has failed. */
    PREPARATION_FAILED(false),
    /** A bug: a promise of the code itself is broken. */
    INTERNAL(false),
    /** The worker's process died. */
    WORKER_DIED(true),
    /** The worker shuts down, and gave the run back at a step boundary. */
    PREEMPTED(true),
    /** No step has ended for too long. */
    STALLED(true),
    /** Postgres can't be reached, or lost the connection. */
    STORE_UNAVAILABLE(true),
    /** A commit may or may not have happened: look it up before doing anything else. */
    COMMIT_UNKNOWN(true),
    /** The disk is full, or the artifact store can't be written. */
    ARTIFACT_STORE_UNAVAILABLE(true),
    /** A service (Temporal, MLflow, Airflow) can't be reached. */
    SERVICE_UNAVAILABLE(true);

    private final boolean retryable;

    ErrorCode(boolean retryable) {
        this.retryable = retryable;
    }

    public boolean isRetryable() {
        return retryable;
    }
}
