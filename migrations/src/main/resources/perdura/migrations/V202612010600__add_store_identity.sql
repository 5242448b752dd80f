CREATE TABLE store (
    store_id uuid    PRIMARY KEY DEFAULT gen_random_uuid(),
    single   boolean NOT NULL DEFAULT true UNIQUE CHECK (single)
);
COMMENT ON TABLE store IS 'Which store this is: one row. A folder of artifacts holds the same id, since run folders follow from content alone.';

INSERT INTO store DEFAULT VALUES;
