-- As remove_project: a right to delete would be a right to lock the table.
create function forget_ended_sessions(before bigint) returns void language sql security definer set search_path = public, pg_temp
  as 'delete from ended_sessions where ended < $1';
revoke all on function forget_ended_sessions(bigint) from public;
