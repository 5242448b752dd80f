CREATE TABLE event (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id text REFERENCES run (run_id),
    kind   text NOT NULL CHECK (kind ~ '^[A-Z][A-Z_]*$'),
    detail text NOT NULL,
    at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX event_of_run ON event (run_id, id);
