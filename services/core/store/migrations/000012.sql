-- The last good page of a task, for projects with a limit above 0 (services/core/protocol/kept-page.ts).
create table kept_pages (
  project text not null,
  taskid text not null,
  page bytea not null,
  bytes integer not null,
  -- Unix seconds.
  time double precision not null,
  primary key (project, taskid)
);
-- It is compressed already.
alter table kept_pages alter column page set storage external;
create index kept_pages_by_time on kept_pages (project, time) include (bytes);

alter table projects
  add column keep_pages_mib integer not null default 0 check (keep_pages_mib >= 0),
  add column keep_pages_days integer not null default 0 check (keep_pages_days >= 0);

-- The task's next run takes its kept page, and fetches nothing.
alter table tasks add column uses_kept_page boolean not null default false;

-- select: restart the ended tasks that `selection` describes (services/core/store/task-selection.ts).
alter table chores
  add column selection json,
  drop constraint chores_kind_check,
  add constraint chores_kind_check check (kind in ('clear', 'rerun', 'select'));
