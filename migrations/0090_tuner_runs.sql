-- When the daemon ran which of the tuner's commands: a run that was due while the miner was down is made up for.
create table tuner_runs (
  id integer primary key,
  job text not null check (job <> ''),
  scheduled_at_ms integer not null,
  started_at_ms integer not null,
  finished_at_ms integer not null,
  -- Null: it did not end by itself.
  exit_code integer,
  last_line text not null
) strict;

create index tuner_runs_by_job on tuner_runs (job, scheduled_at_ms);
