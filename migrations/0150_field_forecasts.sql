-- Scores of a model on the prompts of the public scores, forecast again without a journal. A row without a forecast or
-- without real prices is tried again, because minutes may come later.
create table field_forecasts (
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
