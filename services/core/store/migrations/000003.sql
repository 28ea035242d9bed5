-- Politeness. Due tasks whose host has no room wait in their host's queue (queue = 4). So a host with a hundred thousand tasks neither delays
-- other hosts nor slows down selection.
alter table tasks
  -- The host in whose queue the task waits, or waited last.
  add column host text,
  -- How often in a row its host asked to come back later.
  add column held_back smallint not null default 0;

create index tasks_in_line on tasks (project, host, priority desc, ordinal) where queue = 4;

-- A row for each host that tasks wait for.
create table host_lines (
  project text not null,
  host text not null,
  -- Unix seconds from when the queue's next task may go.
  opens_at double precision not null,
  primary key (project, host)
);
create index host_lines_by_time on host_lines (project, opens_at);
