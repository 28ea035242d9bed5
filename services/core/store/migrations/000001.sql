-- json, not jsonb, wherever a script's data is kept: jsonb refuses \u0000 and lone surrogates, and one such value would fail a whole batch.

create table projects (
  name text primary key check (name ~ '^[A-Za-z0-9_]{1,64}$'),
  "group" text not null default '',
  status text not null default 'TODO' check (status in ('TODO', 'STOP', 'CHECKING', 'DEBUG', 'RUNNING')),
  script text not null default '',
  -- What esbuild made of the script when it was saved, and its SHA-256.
  compiled text not null default '',
  script_hash text not null default '',
  comments text not null default '',
  -- Token bucket: tasks a second, and at most so many at once.
  rate double precision not null default 1 check (rate >= 0),
  burst double precision not null default 3 check (burst >= 0),
  -- What the class says of itself (ScriptInfo), as of info_hash.
  info json,
  info_hash text not null default '',
  -- Unix second up to which `every` has been served.
  last_tick bigint not null default 0,
  -- The scheduler owes an onFinished once nothing is pending.
  owes_finished boolean not null default false,
  -- Unix seconds until which the scheduler holds the project back after too many failures in a row; the web UI shows PAUSED.
  paused_until double precision not null default 0,
  updatetime timestamptz not null default now()
);

create sequence attempts;
create sequence task_order;

create table tasks (
  project text not null,
  taskid text not null,
  url text not null,
  -- 1 ACTIVE, 2 SUCCESS, 3 FAILED, 4 BAD.
  status smallint not null,
  -- Where an ACTIVE task stands: 1 due, 2 waiting for its exetime, 3 in flight; null otherwise.
  queue smallint,
  priority integer not null default 0,
  -- Unix seconds.
  exetime double precision not null default 0,
  -- First in, first out among equal priorities.
  ordinal bigint not null default nextval('task_order'),
  retried integer not null default 0,
  schedule json,
  "fetch" json,
  process json not null,
  save json,
  -- Last run: what FetchTrack and ProcessTrack hold, and the script's this.save.
  track json,
  stored json,
  -- The current dispatch: nothing that carries another attempt changes this row.
  attempt bigint,
  deadline double precision,
  -- The run whose results are stored for this attempt.
  saved_run text,
  -- A forceUpdate that came while the task was in flight: a Follow, applied when the attempt ends.
  postponed json,
  lastcrawltime double precision,
  updatetime double precision not null,
  primary key (project, taskid)
) with (fillfactor = 80);

create index tasks_due on tasks (project, priority desc, ordinal) where queue = 1;
create index tasks_waiting on tasks (exetime) where queue = 2;
create index tasks_in_flight on tasks (deadline) where queue = 3;
create index tasks_recent on tasks (project, updatetime desc);

create sequence result_order;

create table results (
  project text not null,
  taskid text not null,
  index integer not null,
  url text not null,
  result json not null,
  -- Newest last; a row that is replaced moves to the end.
  ordinal bigint not null default nextval('result_order'),
  updatetime double precision not null,
  primary key (project, taskid, index)
);

create index results_by_order on results (project, ordinal);

-- What the web UI asks of the scheduler: durable, applied once, in order.
create table inbox (
  id bigint generated always as identity primary key,
  -- { kind: "follows", project, follows } | { kind: "project", project } | { kind: "delete", project }
  request json not null
);

create table dead_letters (
  id bigint generated always as identity primary key,
  project text not null,
  taskid text not null,
  attempt bigint not null,
  evidence json not null,
  time double precision not null,
  unique (project, taskid, attempt)
);

-- Exactly one row: who schedules. The epoch grows at each takeover.
create table scheduler_lease (
  single boolean primary key default true check (single),
  epoch bigint not null default 0,
  holder text not null default '',
  expires timestamptz not null default '-infinity'
);
insert into scheduler_lease default values;

-- Totals a project, kept in the transactions that change tasks.
create table project_totals (
  project text primary key,
  pending bigint not null default 0,
  success bigint not null default 0,
  failed bigint not null default 0
);

-- Events in windows of 10 s, for the counters of 5 minutes, 1 hour and 1 day.
create table counters (
  project text not null,
  -- Unix seconds, a multiple of 10.
  at bigint not null,
  pending bigint not null default 0,
  success bigint not null default 0,
  retry bigint not null default 0,
  failed bigint not null default 0,
  fetch_ms double precision not null default 0,
  process_ms double precision not null default 0,
  primary key (project, at)
);
create index counters_at on counters (at);
