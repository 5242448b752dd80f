CREATE TABLE artifact (
    run_id   text NOT NULL REFERENCES run (run_id),
    path     text NOT NULL CHECK (path <> ''),
    uri      text NOT NULL CHECK (uri <> ''),
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, path)
);

CREATE TABLE delivery (
    run_id        text PRIMARY KEY REFERENCES run (run_id),
    mlflow_run_id text,
    tries         integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    next_try_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE delivery IS 'State of the relay for each run. Who holds the row''s lock is the only one that sends for this run.';

CREATE TABLE outbox (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id        text NOT NULL REFERENCES delivery (run_id),
    kind          text NOT NULL CHECK (kind IN ('PARAMS', 'METRICS', 'ARTIFACT', 'STATUS')),
    commit_step   bigint,
    metric_keys   text[],
    first_step    bigint,
    last_step     bigint,
    artifact_path text,
    status        text CHECK (status IN ('SCHEDULED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED')),
    created_at    timestamptz NOT NULL DEFAULT now(),
    sent_at       timestamptz,
    parked_at     timestamptz,
    reason        text,
    FOREIGN KEY (run_id, artifact_path) REFERENCES artifact (run_id, path),
    CHECK ((kind = 'METRICS') = (commit_step IS NOT NULL)),
    CHECK ((kind = 'METRICS') = (metric_keys IS NOT NULL)),
    CHECK ((kind = 'METRICS') = (first_step IS NOT NULL)),
    CHECK ((kind = 'METRICS') = (last_step IS NOT NULL)),
    CHECK ((kind = 'ARTIFACT') = (artifact_path IS NOT NULL)),
    CHECK ((kind = 'STATUS') = (status IS NOT NULL)),
    CHECK (sent_at IS NULL OR parked_at IS NULL),
    CHECK ((parked_at IS NULL) = (reason IS NULL))
);
COMMENT ON TABLE outbox IS 'What MLflow is still to be told, in the order of id for each run. Points are named, not copied.';
CREATE INDEX outbox_pending ON outbox (run_id, id) WHERE sent_at IS NULL AND parked_at IS NULL;
CREATE INDEX outbox_parked ON outbox (id) WHERE parked_at IS NOT NULL;
