-- What users ask for that touches many rows: done in steps of bounded size, one a round of the scheduler, so that nothing else waits for it.
create table chores (
  id bigint generated always as identity primary key,
  project text not null,
  -- clear: remove all tasks and results; rerun: restart all tasks that failed.
  kind text not null check (kind in ('clear', 'rerun')),
  -- Of a clear: the table that it is at, by its place in the list.
  stage integer not null default 0,
  -- The key up to which the stage is done; empty at its beginning.
  done_to text not null default ''
);

create index tasks_failed on tasks (project, taskid) where status = 3;
