CREATE TABLE experiment (
    name                 text PRIMARY KEY CHECK (name <> ''),
    mlflow_experiment_id text,
    created_at           timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE experiment IS 'What MLflow calls an experiment. Its id over there is known once the relay has been there.';

CREATE TABLE dataset (
    digest      text PRIMARY KEY CHECK (digest <> ''),
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dataset IS 'Data sets that runs were trained on, by the digest of their manifest.';

CREATE TABLE run (
    run_id        text PRIMARY KEY CHECK (run_id ~ '^[a-z][a-z0-9-]{0,99}$'),
    experiment    text NOT NULL REFERENCES experiment (name),
    name          text NOT NULL CHECK (name <> ''),
    kind          text NOT NULL CHECK (kind <> ''),
    spec          json NOT NULL,
    spec_hash     text NOT NULL CHECK (spec_hash <> ''),
    seed          bigint NOT NULL,
    status        text NOT NULL DEFAULT 'SCHEDULED'
                  CHECK (status IN ('SCHEDULED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED')),
    paused        boolean NOT NULL DEFAULT false,
    stage         integer NOT NULL DEFAULT 1 CHECK (stage >= 1),
    epoch         integer NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    step          bigint NOT NULL DEFAULT 0 CHECK (step >= 0),
    state_digest  text,
    data_digest   text REFERENCES dataset (digest),
    total_steps   bigint CHECK (total_steps >= 0),
    threads       integer CHECK (threads >= 1),
    fence         bigint NOT NULL DEFAULT 0 CHECK (fence >= 0),
    error_code    text,
    error_message text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    started_at    timestamptz,
    ended_at      timestamptz,
    CHECK ((ended_at IS NOT NULL) = (status IN ('FINISHED', 'FAILED', 'KILLED')))
);
COMMENT ON COLUMN run.spec IS 'Canonical JSON of the resolved spec. Type json, not jsonb: it keeps every byte.';
COMMENT ON COLUMN run.fence IS 'Number of the newest attempt, the only one that may commit.';
CREATE INDEX run_newest_first ON run (created_at DESC, run_id);

CREATE TABLE param (
    run_id  text NOT NULL REFERENCES run (run_id),
    kind    text NOT NULL CHECK (kind IN ('PARAM', 'TAG')),
    name    text NOT NULL CHECK (name <> ''),
    value   text NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal >= 0),
    PRIMARY KEY (run_id, kind, name)
);
COMMENT ON TABLE param IS 'Parameters and tags of a run as MLflow shows them, in the order of ordinal.';
