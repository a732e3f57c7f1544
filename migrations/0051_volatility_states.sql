-- The volatility state of each asset, as of its last minute. Everything here follows from the stored minutes and can be
-- made again from them; it is kept so that a start need not read half a year of minutes.

create table volatility_states (
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
