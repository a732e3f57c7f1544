-- Stored prices whose recipe makes others: they are the only copy, so they stay, and are not tried again.
create table unrepeatable_prices (
  prediction_id text primary key references prediction_paths (prediction_id) on delete cascade,
  sampler_version integer not null,
  reason text not null
) strict;
