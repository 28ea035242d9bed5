-- Unix seconds at which the row got the result that it has; null in rows of earlier versions, where it is updatetime. A run that stores the same result
-- again changes only updatetime.
alter table results add column changed double precision;
