-- What a sweep has begun and not finished is looked for at every assignment: few rows, among perhaps very many pending ones.
CREATE INDEX sweep_trial_begun ON sweep_trial (sweep_id, ordinal) WHERE state = 'PENDING' AND started_at IS NOT NULL;
