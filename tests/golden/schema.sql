CREATE TABLE miner_facts (
  name text primary key,
  value text not null,
  recorded_at_ms integer not null
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

CREATE INDEX minute_ranges_by_series on minute_ranges (series_id, from_at_ms);
