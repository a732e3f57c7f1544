-- What was served. The recipe makes the paths again; the prices beside it are kept as long as there is room.
create table predictions (
  id text primary key,
  asset text not null check (asset <> ''),
  start_at_ms integer not null,
  time_length_seconds integer not null check (time_length_seconds > 0),
  time_increment_seconds integer not null check (time_increment_seconds > 0),
  path_count integer not null check (path_count > 0),
  received_at_ms integer not null,
  made_at_ms integer not null,
  reason text not null check (reason in ('first', 'interval', 'volatility', 'sessionEdge', 'all')),
  rung text not null check (rung in ('champion', 'previousChampion', 'calibrated', 'ewma', 'lastSigma')),
  model_name text not null,
  model_version text not null,
  parameters_hash text not null,
  parameters text not null,
  is_degraded integer not null check (is_degraded in (0, 1)),
  price_usd real not null check (price_usd > 0),
  price_published_at_ms integer not null,
  price_venue text not null,
  sampler_version integer not null,
  seed text not null,
  recipe blob not null,
  output_hash text not null check (length(output_hash) = 64),
  stage_ms text not null
) strict;

create index predictions_by_start on predictions (start_at_ms, asset);
create index predictions_by_asset on predictions (asset, time_length_seconds, start_at_ms);

create table prediction_paths (
  prediction_id text primary key references predictions (id) on delete cascade,
  encoding text not null,
  byte_count integer not null check (byte_count = length(prices)),
  -- SHA-256 of the blob.
  prices_hash text not null check (length(prices_hash) = 64),
  stored_at_ms integer not null,
  -- Last, so that the other columns are read without it.
  prices blob not null
) strict;

-- With the sizes in it the sum of all blobs is read without the blobs.
create index prediction_paths_by_age on prediction_paths (stored_at_ms, byte_count);
