-- Politeness. Tasks that are due while their host takes no more stand in line for it (queue = 4): by host, so that a host with a hundred
-- thousand of them neither holds up the others nor makes selection slower.
alter table tasks
  -- The host in whose line the task stands, or last stood.
  add column host text,
  -- How often in a row its host asked to come back later.
  add column held_back smallint not null default 0;

create index tasks_in_line on tasks (project, host, priority desc, ordinal) where queue = 4;

-- A row for each host that tasks stand in line for.
create table host_lines (
  project text not null,
  host text not null,
  -- Unix seconds from when the next of the line may go.
  opens_at double precision not null,
  primary key (project, host)
);
create index host_lines_by_time on host_lines (project, opens_at);
