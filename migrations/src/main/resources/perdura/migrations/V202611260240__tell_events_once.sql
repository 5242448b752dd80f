ALTER TABLE event ADD COLUMN once text CHECK (once <> '');
COMMENT ON COLUMN event.once IS 'What the event is told once of, for instance a stage; null: it is told whenever it happens.';
CREATE UNIQUE INDEX event_told_once ON event (run_id, kind, once) WHERE once IS NOT NULL;
