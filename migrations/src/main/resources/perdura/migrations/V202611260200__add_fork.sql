CREATE TABLE fork (
    run_id        text PRIMARY KEY REFERENCES run (run_id),
    origin_run_id text NOT NULL,
    origin_step   bigint NOT NULL,
    stage         integer NOT NULL CHECK (stage >= 1),
    CHECK (run_id <> origin_run_id),
    FOREIGN KEY (origin_run_id, origin_step) REFERENCES checkpoint (run_id, step)
);
COMMENT ON TABLE fork IS 'Runs that began with a checkpoint of another run, at the end of a stage.';
COMMENT ON COLUMN fork.stage IS 'The first stage that the run trains itself.';
CREATE INDEX fork_of_origin ON fork (origin_run_id);
