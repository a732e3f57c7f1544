-- One entry for each record of a prediction, in the order of writing; each carries the hash of the one before.
create table prediction_chain (
  id integer primary key check (id > 0),
  prediction_id text not null,
  start_at_ms integer not null,
  -- SHA-256 of the record.
  record_hash text not null check (length(record_hash) = 64),
  previous_hash text not null check (length(previous_hash) = 64),
  -- SHA-256 of the hash before and all of the above.
  hash text not null check (length(hash) = 64)
) strict;

-- Not unique: a record that went by age may be imported again.
create index prediction_chain_by_prediction on prediction_chain (prediction_id);

-- Records that were made until then are older than the chain, and have no entry.
create table prediction_chain_start (
  id integer primary key check (id = 1),
  made_until_ms integer not null
) strict;

insert into prediction_chain_start select 1, coalesce(max(made_at_ms), 0) from predictions;

create trigger prediction_chain_is_never_updated before update on prediction_chain
begin
  select raise(abort, 'the chain of predictions is append-only');
end;

-- The oldest entries go with their records, and what is left still begins with the hash of the last that went.
create trigger prediction_chain_is_shortened_from_its_beginning before delete on prediction_chain
begin
  select raise(abort, 'the chain of predictions loses only its oldest entries, after their records')
    where exists (select 1 from prediction_chain where id < old.id)
       or not exists (select 1 from prediction_chain where id > old.id)
       or exists (select 1 from predictions where id = old.prediction_id);
end;

-- Also against "insert or replace", which would delete rows without the trigger above.
create trigger prediction_chain_follows_the_last before insert on prediction_chain
begin
  select raise(abort, 'the entry does not follow the last one')
    where new.id <> (select coalesce(max(id), 0) + 1 from prediction_chain)
       or new.previous_hash <> coalesce((select hash from prediction_chain order by id desc limit 1), printf('%064d', 0));
end;
