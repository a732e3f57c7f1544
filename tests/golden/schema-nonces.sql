CREATE TABLE nonce_common_floor (
  only_row integer primary key check (only_row = 1),
  floor_ns integer not null check (floor_ns > 0)
) strict;

CREATE TABLE nonce_floors (
  receiver text not null,
  scheme text not null check (scheme in ('v10', 'btauth1')),
  sender text not null,
  floor_ns integer not null check (floor_ns > 0),
  primary key (receiver, scheme, sender)
) strict, without rowid;

CREATE TABLE nonces (
  receiver text not null,
  scheme text not null check (scheme in ('v10', 'btauth1')),
  sender text not null,
  lane text not null,
  nonce_ns integer not null check (nonce_ns > 0),
  primary key (receiver, scheme, sender, lane)
) strict, without rowid;

CREATE TABLE schema_migrations (
    version integer primary key,
    name text not null,
    sha256 text not null,
    applied_at_ms integer not null
  ) strict;
