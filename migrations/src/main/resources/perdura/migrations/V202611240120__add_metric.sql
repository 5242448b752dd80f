-- No foreign keys: they cost one look-up per point. Only a commit writes here, in the transaction of its own row.
CREATE TABLE metric (
    run_id      text NOT NULL,
    key         text NOT NULL,
    step        bigint NOT NULL,
    value       double precision NOT NULL,
    time        timestamptz NOT NULL,
    commit_step bigint NOT NULL,
    PRIMARY KEY (run_id, key, step)
);
COMMENT ON COLUMN metric.commit_step IS 'The commit that first held this point. A later one that holds it too changes nothing.';
