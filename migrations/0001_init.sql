-- When this database was first used: governance counts its first fourteen days from here.
create table miner_facts (
  name text primary key,
  value text not null,
  recorded_at_ms integer not null
) strict;
