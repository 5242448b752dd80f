-- Nothing has ever written these three: the platform could not run sweeps before.
DROP TABLE sweep_trial;
DROP TABLE trial;
DROP TABLE sweep;

ALTER TABLE run ADD COLUMN parent_run_id text REFERENCES run (run_id);
COMMENT ON COLUMN run.parent_run_id IS 'The run below which MLflow shows this one: that of its sweep.';

CREATE TABLE sweep (
    sweep_id     text PRIMARY KEY REFERENCES run (run_id),
    name         text NOT NULL CHECK (name <> ''),
    number       integer NOT NULL CHECK (number >= 1),
    fingerprint  text NOT NULL CHECK (fingerprint <> ''),
    spec         json NOT NULL,
    status       text NOT NULL DEFAULT 'RUNNING' CHECK (status IN ('RUNNING', 'PAUSED', 'STOPPING', 'CANCELLING',
                                                                   'FINISHED', 'STOPPED', 'CANCELLED', 'FAILED')),
    reason       text,
    concurrency  integer NOT NULL CHECK (concurrency >= 0),
    priority     integer NOT NULL CHECK (priority BETWEEN 1 AND 5),
    objective    text NOT NULL CHECK (objective <> ''),
    goal         text NOT NULL CHECK (goal IN ('MAX', 'MIN')),
    ended_trials bigint NOT NULL DEFAULT 0 CHECK (ended_trials >= 0),
    best_value   double precision,
    best_trial   text,
    submitted_at timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    UNIQUE (name, number),
    CHECK ((ended_at IS NOT NULL) = (status IN ('FINISHED', 'STOPPED', 'CANCELLED', 'FAILED')))
);
COMMENT ON TABLE sweep IS 'A submission. Its id is also that of the run that stands for it in MLflow.';
COMMENT ON COLUMN sweep.fingerprint IS 'Hash of the spec and of all trial keys: the same again is the same sweep.';
COMMENT ON COLUMN sweep.ended_trials IS 'Trials that are DONE; the step of the sweep''s own metrics.';

CREATE TABLE trial (
    trial_key  text PRIMARY KEY CHECK (trial_key ~ '^[0-9a-f]{64}$'),
    task       text NOT NULL CHECK (task <> ''),
    seed       bigint NOT NULL,
    spec       json NOT NULL,
    run_id     text UNIQUE REFERENCES run (run_id),
    owner      text REFERENCES sweep (sweep_id),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN trial.trial_key IS 'Hash of everything that decides the result. One row per key, whatever sweeps ask for it.';
COMMENT ON COLUMN trial.owner IS 'The only sweep that may run it now. Taken and given back under the sweep''s lock.';
CREATE INDEX trial_of_task ON trial (task);
CREATE INDEX trial_owner ON trial (owner) WHERE owner IS NOT NULL;

CREATE TABLE sweep_trial (
    sweep_id     text NOT NULL REFERENCES sweep (sweep_id),
    trial_key    text NOT NULL REFERENCES trial (trial_key),
    ordinal      bigint NOT NULL CHECK (ordinal >= 0),
    label        text NOT NULL,
    state        text NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING', 'ASSIGNED', 'HELD', 'DONE')),
    rung         integer NOT NULL DEFAULT 0 CHECK (rung >= 0),
    retry_failed boolean NOT NULL DEFAULT false,
    started_at   timestamptz,
    execution    text,
    requester    text,
    value        double precision,
    PRIMARY KEY (sweep_id, trial_key),
    UNIQUE (sweep_id, ordinal)
);
COMMENT ON COLUMN sweep_trial.rung IS 'Rungs of early stopping that lie behind the trial.';
COMMENT ON COLUMN sweep_trial.started_at IS 'When this sweep first gave it out; NULL for one that it only shares.';
COMMENT ON COLUMN sweep_trial.execution IS 'The execution of the sweep''s workflow that it was given to; another one gives it out again.';
COMMENT ON COLUMN sweep_trial.value IS 'The objective of a trial that is DONE and FINISHED.';
CREATE INDEX sweep_trial_next ON sweep_trial (sweep_id, state, ordinal);
CREATE INDEX sweep_trial_of_key ON sweep_trial (trial_key);

CREATE TABLE rung_result (
    sweep_id  text NOT NULL,
    trial_key text NOT NULL,
    rung      integer NOT NULL CHECK (rung >= 0),
    epochs    integer NOT NULL CHECK (epochs >= 1),
    best      double precision,
    mean      double precision,
    sequence  bigint GENERATED ALWAYS AS IDENTITY,
    at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sweep_id, trial_key, rung),
    FOREIGN KEY (sweep_id, trial_key) REFERENCES sweep_trial (sweep_id, trial_key)
);
COMMENT ON TABLE rung_result IS 'What a trial had reached at a rung, on validation data. NULL: no number.';

CREATE TABLE rung_decision (
    sweep_id       text NOT NULL,
    number         integer NOT NULL CHECK (number >= 1),
    trial_key      text NOT NULL,
    rung           integer NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('PROMOTE', 'STOP')),
    after_sequence bigint NOT NULL,
    at             timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sweep_id, number),
    UNIQUE (sweep_id, trial_key, rung),
    FOREIGN KEY (sweep_id, trial_key, rung) REFERENCES rung_result (sweep_id, trial_key, rung)
);
COMMENT ON TABLE rung_decision IS 'Early stopping, decision by decision. Each follows from the results up to after_sequence and the decisions before it.';
