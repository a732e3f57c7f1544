-- Nonces that our hotkeys have taken: the greatest of each lane, in nanoseconds since the epoch.
create table nonces (
  receiver text not null,
  scheme text not null check (scheme in ('v10', 'btauth1')),
  sender text not null,
  lane text not null,
  nonce_ns integer not null check (nonce_ns > 0),
  primary key (receiver, scheme, sender, lane)
) strict, without rowid;

-- The greatest nonce among the lanes that are no longer kept: nothing at or below it is taken again.
create table nonce_floors (
  receiver text not null,
  scheme text not null check (scheme in ('v10', 'btauth1')),
  sender text not null,
  floor_ns integer not null check (floor_ns > 0),
  primary key (receiver, scheme, sender)
) strict, without rowid;

-- Nothing at or below it is taken at all: it was set when the records before it were found incomplete.
create table nonce_common_floor (
  only_row integer primary key check (only_row = 1),
  floor_ns integer not null check (floor_ns > 0)
) strict;
