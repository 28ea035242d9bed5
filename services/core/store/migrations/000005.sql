-- There are few of them, and a list of them must not walk over all others.
create index tasks_bad on tasks (project, updatetime desc, taskid) where status = 4;
