-- Rows of the inbox that the scheduler could not read, for people to look at.
create table rejected_requests (
  -- The row's id in the inbox.
  id bigint primary key,
  -- The beginning of its text.
  request text not null,
  reason text not null,
  -- Unix seconds.
  time double precision not null
);

-- The web UI's login has no right to delete from a table: with it, it could also lock the table.
create function remove_project(name text) returns boolean language sql security definer set search_path = public, pg_temp
  as 'with removed as (delete from projects where projects.name = $1 returning 1) select exists (select from removed)';
revoke all on function remove_project(text) from public;
