CREATE VIEW changes as
  select change_id as id, asset, body ->> '$.parameter' as parameter, body ->> '$.oldValue' as old_value,
         body ->> '$.newValue' as new_value, body ->> '$.reason' as reason, body ->> '$.isForced' as is_forced,
         body ->> '$.evidence.id' as evidence_id, at_ms as proposed_at_ms,
         body ->> '$.effectiveAtMs' as effective_at_ms,
         coalesce((select v.body ->> '$.decision' from ledger v
                    where v.kind = 'verdict' and v.change_id = ledger.change_id order by v.id desc limit 1),
                  'observed') as status
    from ledger where kind = 'proposed';

CREATE VIEW observations as
  select change_id, asset, at_ms as observed_at_ms, body ->> '$.assessment' as assessment,
         body ->> '$.comparison.relativeDifference' as relative_difference,
         body ->> '$.comparison.count' as prompt_count
    from ledger where kind = 'observed';

CREATE VIEW verdicts as
  select change_id, asset, at_ms as decided_at_ms, body ->> '$.decision' as decision,
         body ->> '$.assessment' as assessment, body ->> '$.by' as decided_by, body ->> '$.reason' as reason,
         body ->> '$.comparison' as comparison
    from ledger where kind = 'verdict';

CREATE TRIGGER evidence_is_never_deleted before delete on evidence
begin
  select raise(abort, 'evidence is append-only');
end;

CREATE TRIGGER evidence_is_never_updated before update on evidence
begin
  select raise(abort, 'evidence is append-only');
end;

CREATE TRIGGER ledger_entry_follows_the_last before insert on ledger
begin
  select raise(abort, 'the entry does not follow the last one')
    where new.id <> (select coalesce(max(id), 0) + 1 from ledger)
       or new.previous_hash <> coalesce((select hash from ledger order by id desc limit 1), printf('%064d', 0))
       or (new.kind <> 'clock'
           and new.at_ms < coalesce((select at_ms from ledger order by id desc limit 1), new.at_ms))
       or exists (select 1 from ledger where hash = new.hash);
  select raise(abort, 'the change is not there, or is there already')
    where new.kind <> 'clock'
      and (new.kind = 'proposed') = exists (select 1 from ledger where kind = 'proposed' and change_id = new.change_id);
  select raise(abort, 'another change of this asset is open')
    where new.kind = 'proposed' and exists (select 1 from open_changes where asset = new.asset);
  select raise(abort, 'it was applied before')
    where new.kind = 'applied'
      and exists (select 1 from ledger
                   where kind = 'applied' and change_id = new.change_id
                     and json_extract(body, '$.what') = json_extract(new.body, '$.what'));
end;

CREATE TRIGGER ledger_is_never_deleted before delete on ledger
begin
  select raise(abort, 'the ledger is append-only');
end;

CREATE TRIGGER ledger_is_never_updated before update on ledger
begin
  select raise(abort, 'the ledger is append-only');
end;

CREATE TRIGGER open_change_comes_from_the_ledger before insert on open_changes
begin
  select raise(abort, 'open changes follow from the ledger')
    where not exists (select 1 from ledger where kind = 'proposed' and change_id = new.change_id and asset = new.asset)
       or exists (select 1 from ledger where kind = 'verdict' and change_id = new.change_id);
end;

CREATE TRIGGER open_change_ends_by_a_verdict before delete on open_changes
begin
  select raise(abort, 'open changes follow from the ledger')
    where not exists (select 1 from ledger where kind = 'verdict' and change_id = old.change_id);
end;

CREATE TRIGGER open_change_is_never_updated before update on open_changes
begin
  select raise(abort, 'open changes follow from the ledger');
end;

CREATE TRIGGER proposal_opens_a_change after insert on ledger when new.kind = 'proposed'
begin
  insert into open_changes (asset, change_id) values (new.asset, new.change_id);
end;

CREATE TRIGGER start_date_is_never_deleted before delete on miner_facts when old.name = 'miner_start_date'
begin
  select raise(abort, 'the start date is written once');
end;

CREATE TRIGGER start_date_is_never_updated before update on miner_facts when old.name = 'miner_start_date'
begin
  select raise(abort, 'the start date is written once');
end;

CREATE TRIGGER verdict_closes_a_change after insert on ledger when new.kind = 'verdict'
begin
  delete from open_changes where change_id = new.change_id;
end;

CREATE TABLE evidence (
  id integer primary key,
  asset text not null,
  parameter text not null,
  -- JSON, as the four below.
  old_value text not null,
  new_value text not null,
  slot_before text not null,
  slot_after text not null,
  comparison text not null check (json_valid(comparison)),
  from_at_ms integer not null,
  to_at_ms integer not null,
  made_at_ms integer not null
) strict;

CREATE TABLE governance_runs (
  id integer primary key,
  kind text not null check (kind in ('measure', 'observe', 'autoPropose')),
  asset text,
  started_at_ms integer not null,
  finished_at_ms integer not null,
  outcome text not null
) strict;

CREATE TABLE "ledger" (
  id integer primary key check (id > 0),
  kind text not null check (kind in ('proposed', 'applied', 'observed', 'verdict', 'clock')),
  asset text not null check (asset <> ''),
  -- 0 for entries about the clock, which are about no change; their asset is '*'.
  change_id integer not null check (change_id >= 0 and (change_id = 0) = (kind = 'clock')),
  at_ms integer not null,
  -- JSON: core/tuning/governance/ledger-events.ts.
  body text not null check (json_valid(body)),
  previous_hash text not null check (length(previous_hash) = 64),
  -- SHA-256, hex, of the hash before and all of the above.
  hash text not null unique check (length(hash) = 64)
) strict;

CREATE TABLE miner_facts (
  name text primary key,
  value text not null,
  recorded_at_ms integer not null
) strict;

CREATE TABLE open_changes (
  asset text primary key,
  change_id integer not null unique
) strict;

CREATE TABLE schema_migrations (
    version integer primary key,
    name text not null,
    sha256 text not null,
    applied_at_ms integer not null
  ) strict;

CREATE TABLE trusted_time (
  id integer primary key check (id = 1),
  at_ms integer not null,
  uptime_ms integer not null,
  boot_id text not null
) strict;

CREATE INDEX ledger_by_asset on ledger (asset, id);

CREATE UNIQUE INDEX ledger_changes on ledger (change_id) where kind = 'proposed';

CREATE UNIQUE INDEX ledger_takeovers on ledger (change_id, json_extract(body, '$.what')) where kind = 'applied';
