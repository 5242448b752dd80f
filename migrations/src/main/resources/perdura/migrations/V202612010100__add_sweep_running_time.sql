ALTER TABLE sweep
    ADD COLUMN ran        interval NOT NULL DEFAULT '0',
    ADD COLUMN runs_since timestamptz DEFAULT clock_timestamp();
COMMENT ON COLUMN sweep.ran IS 'How long it was RUNNING until it last had another status.';
COMMENT ON COLUMN sweep.runs_since IS 'Since when it is RUNNING; NULL while it has another status.';

-- How long older sweeps were paused isn't known: it counts.
UPDATE sweep
SET ran = coalesce(ended_at, clock_timestamp()) - submitted_at,
    runs_since = CASE WHEN status = 'RUNNING' THEN clock_timestamp() END;

ALTER TABLE sweep ADD CHECK ((runs_since IS NOT NULL) = (status = 'RUNNING'));

CREATE FUNCTION count_running_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.runs_since IS NOT NULL THEN
        NEW.ran := OLD.ran + (clock_timestamp() - OLD.runs_since);
    END IF;
    NEW.runs_since := CASE WHEN NEW.status = 'RUNNING' THEN clock_timestamp() END;
    RETURN NEW;
END
$$;

CREATE TRIGGER sweep_counts_running_time
    BEFORE UPDATE OF status ON sweep
    FOR EACH ROW EXECUTE FUNCTION count_running_time();
