-- Scores of predictions that other programs wrote into files. A file that did not change since is not read again.
create table file_scores (
  folder text not null,
  file text not null,
  -- Of a file with several prompts; 0 otherwise.
  row integer not null check (row >= 0),
  byte_count integer not null,
  modified_at_ms integer not null,
  asset text not null check (asset <> ''),
  start_at_ms integer not null,
  time_length_seconds integer not null check (time_length_seconds > 0),
  regime text not null,
  storage text not null check (storage in ('float64', 'float32')),
  path_count integer not null,
  -- Null with a problem.
  total real,
  problem text,
  detail text not null,
  -- Points of the realised path, and those of them with a price.
  real_points integer not null,
  real_known integer not null,
  is_published integer not null check (is_published in (0, 1)),
  scored_at_ms integer not null,
  primary key (folder, file, row)
) strict, without rowid;
