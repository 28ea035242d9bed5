-- The session of a project whose script has onLogin (services/core/protocol/session.ts), or why it has none. Null: none yet, or not needed.
alter table projects add column session json;
-- The few steps of logins, among all tasks.
create index tasks_login on tasks (project) where starts_with(taskid, '_on_login');
