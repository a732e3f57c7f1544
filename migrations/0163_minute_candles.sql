-- What is known of a minute besides its close, an hour to a row (core/market/minutes/minute-candles.ts reads the blob).
-- By the hour and not by the day: the recorder writes a minute at a time, and the row is written as a whole.

create table minute_candles (
  series_id integer not null references minute_series (id),
  hour integer not null,                                -- hours since 1970-01-01 UTC
  candles blob not null check (length(candles) = 960),  -- 60 x 4 float32: open, high, low as shares of the close less 1; volume
  primary key (series_id, hour)
) strict;
