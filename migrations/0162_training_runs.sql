-- Trainings of models: what was trained, on what, and how it ended.
create table training_runs (
  id integer primary key,
  recipe_name text not null,
  recipe_hash text not null check (length(recipe_hash) = 12),
  -- YAML with every default filled in.
  recipe text not null,
  seed integer not null,
  -- Null: the recipe's one cut into training and validation.
  fold integer,
  code_version text not null,
  data_hash text not null,
  data_from_ms integer not null,
  data_to_ms integer not null,
  -- Most steps, and steps done.
  steps integer not null check (steps > 0),
  step integer not null default 0 check (step between 0 and steps),
  state text not null check (state in ('running', 'done', 'stopped', 'failed')),
  reason text,
  -- The process that trains: host/pid/start.
  owner text not null,
  started_at_ms integer not null,
  ended_at_ms integer check ((ended_at_ms is null) = (state = 'running')),
  best_step integer,
  best_loss real,
  -- Folder of the finished model.
  artefact text,
  -- JSON: the model beside the calibrated one on the same windows.
  comparison text
) strict;

create index training_runs_by_recipe on training_runs (recipe_hash, seed);

create table training_metrics (
  run_id integer not null references training_runs (id) on delete cascade,
  step integer not null check (step > 0),
  training_loss real not null,
  validation_loss real,
  learning_rate real not null,
  gradient_length real not null,
  primary key (run_id, step)
) strict, without rowid;
