-- Sessions of browsers that were ended before they expired, so that no replica of the web UI accepts them. A row is removed once its session has expired.
create table ended_sessions (
  -- The session's id; of one row it is *, which stands for every session that began before.
  session text primary key,
  -- Unix milliseconds.
  ended bigint not null
);
