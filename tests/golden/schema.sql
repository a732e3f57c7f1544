CREATE TABLE miner_facts (
  name text primary key,
  value text not null,
  recorded_at_ms integer not null
) strict;

CREATE TABLE schema_migrations (
    version integer primary key,
    name text not null,
    sha256 text not null,
    applied_at_ms integer not null
  ) strict;
