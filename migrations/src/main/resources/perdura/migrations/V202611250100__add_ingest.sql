ALTER TABLE dataset
    ADD COLUMN source_set text CHECK (source_set <> ''),
    ADD COLUMN profile    text CHECK (profile <> ''),
    ADD COLUMN image_size integer CHECK (image_size >= 1),
    ADD COLUMN samples    bigint CHECK (samples >= 1),
    ADD COLUMN images     bigint CHECK (images >= 1),
    ADD COLUMN patients   bigint CHECK (patients >= 1),
    ADD COLUMN uri        text CHECK (uri <> '');
COMMENT ON COLUMN dataset.uri IS 'Folder of its arrays. NULL, as the other columns, for data that was read without an ingest.';

CREATE TABLE dataset_name (
    name     text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9._-]{0,99}$'),
    digest   text NOT NULL REFERENCES dataset (digest),
    named_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dataset_name IS 'What people call a data set. A new ingest moves the name; runs keep the digest.';

CREATE TABLE ingest (
    ingest_id     text PRIMARY KEY CHECK (ingest_id ~ '^[0-9a-f]{16}$'),
    name          text NOT NULL,
    spec          json NOT NULL,
    status        text NOT NULL DEFAULT 'RUNNING' CHECK (status IN ('RUNNING', 'FINISHED', 'FAILED')),
    parts         integer CHECK (parts >= 1),
    samples       bigint CHECK (samples >= 1),
    images        bigint CHECK (images >= 1),
    faults        bigint NOT NULL DEFAULT 0 CHECK (faults >= 0),
    digest        text REFERENCES dataset (digest),
    error_code    text,
    error_message text,
    started_at    timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    CHECK ((ended_at IS NOT NULL) = (status IN ('FINISHED', 'FAILED'))),
    CHECK (status <> 'FINISHED' OR digest IS NOT NULL)
);
COMMENT ON TABLE ingest IS 'The last ingest with each set of settings; the id is a hash of them.';

CREATE TABLE ingest_part (
    ingest_id text NOT NULL REFERENCES ingest (ingest_id),
    part      integer NOT NULL CHECK (part >= 0),
    samples   integer NOT NULL CHECK (samples >= 0),
    images    integer NOT NULL CHECK (images >= 0),
    faults    bigint NOT NULL CHECK (faults >= 0),
    done_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ingest_id, part)
);
COMMENT ON TABLE ingest_part IS 'Parts that are done, for progress bars: what is done is what lies in the artifact store.';
