CREATE TRIGGER prediction_chain_follows_the_last before insert on prediction_chain
begin
  select raise(abort, 'the entry does not follow the last one')
    where new.id <> (select coalesce(max(id), 0) + 1 from prediction_chain)
       or new.previous_hash <> coalesce((select hash from prediction_chain order by id desc limit 1), printf('%064d', 0));
end;

CREATE TRIGGER prediction_chain_is_never_updated before update on prediction_chain
begin
  select raise(abort, 'the chain of predictions is append-only');
end;

CREATE TRIGGER prediction_chain_is_shortened_from_its_beginning before delete on prediction_chain
begin
  select raise(abort, 'the chain of predictions loses only its oldest entries, after their records')
    where exists (select 1 from prediction_chain where id < old.id)
       or not exists (select 1 from prediction_chain where id > old.id)
       or exists (select 1 from predictions where id = old.prediction_id);
end;

CREATE TABLE field_forecasts (
  asset text not null check (asset <> ''),
  time_length_seconds integer not null check (time_length_seconds > 0),
  start_at_ms integer not null,
  -- With the hashes of all that it is made of (core/tuning/replay/model-spec.ts).
  model text not null,
  regime text not null,
  competition text not null,
  -- Null with a problem.
  total real,
  price_part real,
  volatility_part real,
  problem text,
  detail text not null,
  scored_at_ms integer not null,
  primary key (asset, time_length_seconds, start_at_ms, model, regime)
) strict, without rowid;

CREATE TABLE field_prompts (
  asset text not null check (asset <> ''),
  time_length_seconds integer not null check (time_length_seconds > 0),
  -- The end of the predicted period, as the API names a prompt.
  scored_at_ms integer not null,
  miner_count integer not null check (miner_count > 0),
  -- Little-endian: uint16 uids, then float64 scores and prompt scores in the same order.
  uids blob not null check (length(uids) = 2 * miner_count),
  crps blob not null check (length(crps) = 8 * miner_count),
  prompt_scores blob not null check (length(prompt_scores) = 8 * miner_count),
  fetched_at_ms integer not null,
  primary key (asset, time_length_seconds, scored_at_ms)
) strict, without rowid;

CREATE TABLE field_windows (
  asset text not null check (asset <> ''),
  time_length_seconds integer not null,
  from_ms integer not null,
  to_ms integer not null check (to_ms > from_ms),
  refused_rows integer not null check (refused_rows >= 0),
  fetched_at_ms integer not null,
  primary key (asset, time_length_seconds, from_ms, to_ms)
) strict, without rowid;

CREATE TABLE file_scores (
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

CREATE TABLE jobs (
  key text primary key check (length(key) = 64),
  kind text not null,
  -- JSON; the key is the hash of kind and input.
  input text not null,
  -- JSON: keys of the jobs that come before.
  needs text not null,
  state text not null check (state in ('waiting', 'running', 'done', 'failed')),
  attempts integer not null default 0,
  owner text,
  lease_until_at_ms integer,
  -- Why the last attempt came to nothing.
  reason text,
  -- JSON, small: what is large goes to a table of its own.
  result text,
  created_at_ms integer not null,
  touched_at_ms integer not null,
  check ((state = 'running') = (owner is not null)),
  check ((owner is null) = (lease_until_at_ms is null)),
  check ((state = 'done') = (result is not null))
) strict;

CREATE TABLE "metagraph_neurons" (
  netuid integer not null,
  genesis_hash text not null,
  uid integer not null check (uid between 0 and 65535),
  hotkey text not null,
  coldkey text,
  stake_tao real not null check (stake_tao >= 0),
  alpha_stake_tao real check (alpha_stake_tao >= 0),
  tao_stake_tao real check (tao_stake_tao >= 0),
  has_permit integer not null check (has_permit in (0, 1)),
  axon_ip text not null,
  axon_port integer not null check (axon_port between 0 and 65535),
  axon_block integer not null check (axon_block >= 0),
  last_update_block integer,
  registered_at_block integer,
  emission_alpha real,
  incentive real,
  dividends real,
  primary key (netuid, genesis_hash, uid),
  unique (netuid, genesis_hash, hotkey),
  foreign key (netuid, genesis_hash) references metagraphs (netuid, genesis_hash) on delete cascade
) strict;

CREATE TABLE metagraphs (
  netuid integer not null check (netuid between 0 and 65535),
  genesis_hash text not null,
  spec_version integer not null check (spec_version >= 0),
  block integer not null check (block >= 0),
  taken_at_ms integer not null check (taken_at_ms > 0),
  neuron_count integer not null check (neuron_count > 0),
  primary key (netuid, genesis_hash)
) strict;

CREATE TABLE minute_candles (
  series_id integer not null references minute_series (id),
  hour integer not null,                                -- hours since 1970-01-01 UTC
  candles blob not null check (length(candles) = 960),  -- 60 x 4 float32: open, high, low as shares of the close less 1; volume
  primary key (series_id, hour)
) strict;

CREATE TABLE minute_conflicts (
  series_id integer not null references minute_series (id),
  open_at_ms integer not null,
  kept real not null,
  refused real not null,
  origin text not null,
  seen_count integer not null,
  last_seen_at_ms integer not null,
  primary key (series_id, open_at_ms, refused)
) strict, without rowid;

CREATE TABLE minute_days (
  series_id integer not null references minute_series (id),
  day integer not null,                               -- days since 1970-01-01 UTC
  slots blob not null check (length(slots) = 11520),  -- 1440 float64: close, NaN = declared gap, 0 = unknown
  primary key (series_id, day)
) strict;

CREATE TABLE minute_ranges (
  id integer primary key,
  series_id integer not null references minute_series (id),
  origin text not null check (origin in ('recorded', 'backfilled', 'imported')),
  detail text not null,
  from_at_ms integer not null,
  to_at_ms integer not null check (to_at_ms >= from_at_ms),
  closes integer not null,
  gaps integer not null,
  conflicts integer not null,
  first_written_at_ms integer not null,
  last_written_at_ms integer not null
) strict;

CREATE TABLE minute_series (
  id integer primary key,
  asset text not null,
  venue text not null,
  symbol text not null,
  unique (asset, venue, symbol)
) strict;

CREATE TABLE prediction_chain (
  id integer primary key check (id > 0),
  prediction_id text not null,
  start_at_ms integer not null,
  -- SHA-256 of the record.
  record_hash text not null check (length(record_hash) = 64),
  previous_hash text not null check (length(previous_hash) = 64),
  -- SHA-256 of the hash before and all of the above.
  hash text not null check (length(hash) = 64)
) strict;

CREATE TABLE prediction_chain_start (
  id integer primary key check (id = 1),
  made_until_ms integer not null
) strict;

CREATE TABLE prediction_paths (
  prediction_id text primary key references predictions (id) on delete cascade,
  encoding text not null,
  byte_count integer not null check (byte_count = length(prices)),
  -- SHA-256 of the blob.
  prices_hash text not null check (length(prices_hash) = 64),
  stored_at_ms integer not null,
  -- Last, so that the other columns are read without it.
  prices blob not null
) strict;

CREATE TABLE prediction_scores (
  prediction_id text not null references predictions (id) on delete cascade,
  -- The regime's id, or the operator's override.
  regime text not null,
  -- What was scored: `served`, or the model that forecast the same prompt again in replay.
  model text not null,
  asset text not null,
  start_at_ms integer not null,
  time_length_seconds integer not null,
  competition text not null,
  -- Null with a problem: scoring was tried and there is no number.
  total real,
  price_part real,
  volatility_part real,
  problem text,
  -- JSON: rows of the total by interval and block.
  rows text not null,
  -- JSON, deflated: core/tuning/replay/prediction-facts.ts.
  facts blob,
  scored_at_ms integer not null,
  primary key (prediction_id, regime, model)
) strict, without rowid;

CREATE TABLE predictions (
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
, event text) strict;

CREATE TABLE realized_paths (
  id integer primary key,
  asset text not null check (asset <> ''),
  start_at_ms integer not null,
  time_length_seconds integer not null check (time_length_seconds > 0),
  time_increment_seconds integer not null check (time_increment_seconds > 0),
  venue text not null check (venue <> ''),
  symbol text not null check (symbol <> ''),
  origin text not null check (origin in ('recorded', 'venue', 'archive')),
  point_count integer not null check (point_count > 0),
  prices blob not null check (length(prices) = 8 * point_count),
  stored_at_ms integer not null,
  unique (asset, start_at_ms, time_length_seconds, time_increment_seconds, venue, symbol)
) strict;

CREATE TABLE schema_migrations (
    version integer primary key,
    name text not null,
    sha256 text not null,
    applied_at_ms integer not null
  ) strict;

CREATE TABLE training_metrics (
  run_id integer not null references training_runs (id) on delete cascade,
  step integer not null check (step > 0),
  training_loss real not null,
  validation_loss real,
  learning_rate real not null,
  gradient_length real not null,
  primary key (run_id, step)
) strict, without rowid;

CREATE TABLE training_runs (
  id integer primary key,
  recipe_name text not null,
  recipe_hash text not null check (length(recipe_hash) = 12),
  -- YAML with every default filled in.
  recipe text not null,
  seed integer not null,
  -- Null: the recipe's one cut into training and validation.
  fold integer,
  code_version text not null,
  data_hash text not null,
  data_from_ms integer not null,
  data_to_ms integer not null,
  -- Most steps, and steps done.
  steps integer not null check (steps > 0),
  step integer not null default 0 check (step between 0 and steps),
  state text not null check (state in ('running', 'done', 'stopped', 'failed')),
  reason text,
  -- The process that trains: host/pid/start.
  owner text not null,
  started_at_ms integer not null,
  ended_at_ms integer check ((ended_at_ms is null) = (state = 'running')),
  best_step integer,
  best_loss real,
  -- Folder of the finished model.
  artefact text,
  -- JSON: the model beside the calibrated one on the same windows.
  comparison text
) strict;

CREATE TABLE tuner_runs (
  id integer primary key,
  job text not null check (job <> ''),
  scheduled_at_ms integer not null,
  started_at_ms integer not null,
  finished_at_ms integer not null,
  -- Null: it did not end by itself.
  exit_code integer,
  last_line text not null
) strict;

CREATE TABLE uid_registrations (
  -- '<netuid> <genesis hash>' of the metagraph, or 'api' for the public list.
  network text not null,
  uid integer not null check (uid between 0 and 65535),
  hotkey text not null,
  -- 0 in the public list, which knows times only.
  registered_at_block integer not null check (registered_at_block >= 0),
  registered_at_ms integer not null,
  primary key (network, uid, hotkey, registered_at_block)
) strict, without rowid;

CREATE TABLE unrepeatable_prices (
  prediction_id text primary key references prediction_paths (prediction_id) on delete cascade,
  sampler_version integer not null,
  reason text not null
) strict;

CREATE TABLE volatility_states (
  asset text not null,
  part text not null check (part in ('ewma', 'low', 'high')),
  venue text not null,
  symbol text not null,
  state text not null,                                  -- JSON, core/forecast/models/state.ts
  seen_to_at_ms integer not null,                       -- open of the last minute with a close in it
  closes_taken integer not null check (closes_taken >= 0),
  closes_stored integer not null check (closes_stored >= 0),
  sha256 text not null check (length(sha256) = 64),     -- of all of the above
  stored_at_ms integer not null,
  primary key (asset, part)
) strict, without rowid;

CREATE INDEX jobs_by_age on jobs (touched_at_ms);

CREATE INDEX minute_ranges_by_series on minute_ranges (series_id, from_at_ms);

CREATE INDEX prediction_chain_by_prediction on prediction_chain (prediction_id);

CREATE INDEX prediction_paths_by_age on prediction_paths (stored_at_ms, byte_count);

CREATE INDEX prediction_scores_by_start on prediction_scores (start_at_ms, asset);

CREATE INDEX predictions_by_asset on predictions (asset, time_length_seconds, start_at_ms);

CREATE INDEX predictions_by_start on predictions (start_at_ms, asset);

CREATE INDEX training_runs_by_recipe on training_runs (recipe_hash, seed);

CREATE INDEX tuner_runs_by_job on tuner_runs (job, scheduled_at_ms);
