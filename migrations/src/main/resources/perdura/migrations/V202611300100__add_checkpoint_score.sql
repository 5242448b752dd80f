ALTER TABLE checkpoint ADD COLUMN score double precision CHECK (score <> 'NaN');
COMMENT ON COLUMN checkpoint.score IS 'By which the best checkpoint of the run is kept: the greatest. NULL takes no part in that.';
