-- Realised paths as they were scored: built once, never again from another feed. A point is a little-endian float64,
-- NaN where the validator has no price.
create table realized_paths (
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
