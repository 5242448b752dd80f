CREATE TABLE attempt (
    run_id                text NOT NULL REFERENCES run (run_id),
    fence                 bigint NOT NULL CHECK (fence >= 1),
    worker                text NOT NULL,
    fingerprint           text NOT NULL,
    from_step             bigint NOT NULL CHECK (from_step >= 0),
    claimed_at            timestamptz NOT NULL DEFAULT now(),
    ended_at              timestamptz,
    outcome               text CHECK (outcome <> ''),
    reason                text,
    live_step             bigint CHECK (live_step >= 0),
    live_steps_per_second double precision,
    live_loss             double precision,
    live_at               timestamptz,
    PRIMARY KEY (run_id, fence),
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
COMMENT ON COLUMN attempt.live_step IS 'What the attempt last reported, for progress bars only; never committed.';

CREATE TABLE commit (
    run_id       text NOT NULL REFERENCES run (run_id),
    step         bigint NOT NULL CHECK (step >= 0),
    stage        integer NOT NULL CHECK (stage >= 1),
    epoch        integer NOT NULL CHECK (epoch >= 0),
    state_digest text NOT NULL CHECK (state_digest <> ''),
    fence        bigint NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, step),
    FOREIGN KEY (run_id, fence) REFERENCES attempt (run_id, fence)
);

CREATE TABLE checkpoint (
    run_id          text NOT NULL,
    step            bigint NOT NULL,
    uri             text NOT NULL CHECK (uri <> ''),
    manifest_digest text NOT NULL CHECK (manifest_digest <> ''),
    bytes           bigint NOT NULL CHECK (bytes >= 0),
    stage_end       boolean NOT NULL,
    state           text NOT NULL DEFAULT 'PRESENT' CHECK (state IN ('PRESENT', 'DAMAGED', 'PRUNED')),
    reason          text,
    fence           bigint NOT NULL,
    written_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, step),
    FOREIGN KEY (run_id, step) REFERENCES commit (run_id, step),
    FOREIGN KEY (run_id, fence) REFERENCES attempt (run_id, fence)
);

-- Holds the run's row until the transaction ends, so that no claim can come between the check and the commit.
CREATE FUNCTION hold_fence(held_run_id text, held_fence bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    newest bigint;
BEGIN
    SELECT run.fence INTO newest FROM run WHERE run.run_id = held_run_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % does not exist', held_run_id USING ERRCODE = 'PD002';
    END IF;
    IF held_fence IS DISTINCT FROM newest THEN
        RAISE EXCEPTION 'run %: attempt % may not write, attempt % has claimed the run',
            held_run_id, held_fence, newest USING ERRCODE = 'PD001';
    END IF;
END
$$;
COMMENT ON FUNCTION hold_fence IS 'Raises PD001 when the fence is not the newest of the run, PD002 when there is no such run.';

CREATE FUNCTION refuse_stale_fence() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hold_fence(NEW.run_id, NEW.fence);
    RETURN NEW;
END
$$;

CREATE TRIGGER commit_needs_newest_fence
    BEFORE INSERT OR UPDATE ON commit
    FOR EACH ROW EXECUTE FUNCTION refuse_stale_fence();

CREATE TRIGGER checkpoint_needs_newest_fence
    BEFORE INSERT OR UPDATE OF step, uri, manifest_digest, bytes, stage_end, fence ON checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_stale_fence();
