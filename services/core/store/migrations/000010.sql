-- Links that pages had and that became no task: their number by reason (services/core/protocol/skipped.ts).
alter table project_totals add column skipped jsonb not null default '{}';
