-- Scripts as they were saved, the newest 50 of each project. Triggers write them: the web UI needs no right to change or delete one.
create sequence script_version_order;
create table script_versions (
  id bigint primary key default nextval('script_version_order'),
  project text not null,
  script text not null,
  saved timestamptz not null default now()
);
create index script_versions_project on script_versions (project, id);

insert into script_versions (project, script, saved) select name, script, updatetime from projects where script <> '';

create function keep_script_version() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into script_versions (project, script) values (new.name, new.script);
  delete from script_versions where project = new.name
    and id <= (select id from script_versions where project = new.name order by id desc offset 50 limit 1);
  return null;
end $$;
revoke all on function keep_script_version() from public;
create trigger keep_script_version after update of script on projects
  for each row when (new.script is distinct from old.script) execute function keep_script_version();

create function remove_script_versions() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  delete from script_versions where project = old.name;
  return null;
end $$;
revoke all on function remove_script_versions() from public;
create trigger remove_script_versions after delete on projects for each row execute function remove_script_versions();
