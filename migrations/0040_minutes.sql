-- One-minute closes, a UTC day to a row (docs/adr, "minute store", says why; core/market/minutes/minute-day.ts reads the blob).

create table minute_series (
  id integer primary key,
  asset text not null,
  venue text not null,
  symbol text not null,
  unique (asset, venue, symbol)
) strict;

create table minute_days (
  series_id integer not null references minute_series (id),
  day integer not null,                               -- days since 1970-01-01 UTC
  slots blob not null check (length(slots) = 11520),  -- 1440 float64: close, NaN = declared gap, 0 = unknown
  primary key (series_id, day)
) strict;

create table minute_ranges (
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

create index minute_ranges_by_series on minute_ranges (series_id, from_at_ms);

-- A later, different close for a stored minute. What is refused here is the later one, or in replace mode the earlier.
create table minute_conflicts (
  series_id integer not null references minute_series (id),
  open_at_ms integer not null,
  kept real not null,
  refused real not null,
  origin text not null,
  seen_count integer not null,
  last_seen_at_ms integer not null,
  primary key (series_id, open_at_ms, refused)
) strict, without rowid;
