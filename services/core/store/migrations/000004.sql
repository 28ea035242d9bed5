-- A scheduler that starts walks over the places of tasks that have left the queues since vacuum was there, a second for some 400,000 of them. By default it
-- comes when a fifth of the table has changed: at ten million tasks, after two million changes.
alter table tasks set (autovacuum_vacuum_scale_factor = 0.05);
