-- Work in small pieces that may be done twice (core/base/engine/job.ts). A row is named by what it is, so that the same work
-- is one row whoever asks for it, and a run that was cut off goes on where it was.
create table jobs (
  key text primary key check (length(key) = 64),
  kind text not null,
  -- JSON; the key is the hash of kind and input.
  input text not null,
  -- JSON: keys of the jobs that come before.
  needs text not null,
  state text not null check (state in ('waiting', 'running', 'done', 'failed')),
  attempts integer not null default 0,
  owner text,
  lease_until_at_ms integer,
  -- Why the last attempt came to nothing.
  reason text,
  -- JSON, small: what is large goes to a table of its own.
  result text,
  created_at_ms integer not null,
  touched_at_ms integer not null,
  check ((state = 'running') = (owner is not null)),
  check ((owner is null) = (lease_until_at_ms is null)),
  check ((state = 'done') = (result is not null))
) strict;

create index jobs_by_age on jobs (touched_at_ms);
