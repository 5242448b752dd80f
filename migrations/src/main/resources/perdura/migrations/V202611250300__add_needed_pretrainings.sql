ALTER TABLE trial ADD COLUMN needs text REFERENCES run (run_id);
COMMENT ON COLUMN trial.needs IS 'The pre-training that must be FINISHED before the trial begins. NULL: none.';
CREATE INDEX trial_of_pretraining ON trial (needs) WHERE needs IS NOT NULL;
