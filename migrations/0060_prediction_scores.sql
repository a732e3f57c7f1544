-- One row per prediction and set of rules; scoring again writes the same row again.
create table prediction_scores (
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

create index prediction_scores_by_start on prediction_scores (start_at_ms, asset);
