ALTER TABLE outbox
    DROP CONSTRAINT outbox_kind_check,
    ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('PARAMS', 'TAGS', 'NOTE', 'METRICS', 'ARTIFACT', 'STATUS')),
    ADD COLUMN due_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN parkings integer NOT NULL DEFAULT 0 CHECK (parkings >= 0);
COMMENT ON COLUMN outbox.due_at IS 'Before this it is not sent; of a row set aside, when it is tried again.';
COMMENT ON COLUMN outbox.parkings IS 'How often MLflow has refused it.';

ALTER TABLE delivery ADD COLUMN checked boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN delivery.checked IS 'False where MLflow is to be asked whether it still has the run.';
CREATE INDEX delivery_unchecked ON delivery (run_id) WHERE NOT checked;
