CREATE TABLE sweep (
    sweep_id   text PRIMARY KEY CHECK (sweep_id <> ''),
    experiment text NOT NULL REFERENCES experiment (name),
    spec       json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE trial (
    trial_key  text PRIMARY KEY CHECK (trial_key ~ '^[0-9a-f]{64}$'),
    task       text NOT NULL CHECK (task <> ''),
    params     jsonb NOT NULL,
    seed       bigint NOT NULL,
    run_id     text UNIQUE REFERENCES run (run_id),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN trial.trial_key IS 'Hash of everything that decides the result. One row per key, whatever sweeps ask for it.';

CREATE TABLE sweep_trial (
    sweep_id  text NOT NULL REFERENCES sweep (sweep_id),
    trial_key text NOT NULL REFERENCES trial (trial_key),
    ordinal   bigint NOT NULL CHECK (ordinal >= 0),
    PRIMARY KEY (sweep_id, trial_key),
    UNIQUE (sweep_id, ordinal)
);
