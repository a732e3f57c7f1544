-- The public scores of the whole field, a prompt to a row: what our own replayed score is ranked against.
create table field_prompts (
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

-- Which stretches were asked for completely: between them there may be prompts that nobody fetched.
create table field_windows (
  asset text not null check (asset <> ''),
  time_length_seconds integer not null,
  from_ms integer not null,
  to_ms integer not null check (to_ms > from_ms),
  refused_rows integer not null check (refused_rows >= 0),
  fetched_at_ms integer not null,
  primary key (asset, time_length_seconds, from_ms, to_ms)
) strict, without rowid;
