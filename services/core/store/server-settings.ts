/** Settings of the embedded database's server: for one process on one machine, small at rest, and kept tidy without an operator. */

/** Connections of two pools (`CONNECTIONS` of postgres.ts), of maintenance, and three that Postgres reserves. */
const MAX_CONNECTIONS = 16;

/** What a power cut can lose: nothing that was committed. Without durability the files are never synchronised. */
const durability = (isDurable: boolean) => (isDurable ? [] : ["fsync=off", "full_page_writes=off"]);

/** `name=value` for the server's command line. */
export function serverSettings({ sockets, isDurable }: { sockets: string; isDurable: boolean }): string[] {
  return [
    // No port: only the socket.
    "listen_addresses=",
    // In quotes: commas separate folders.
    `unix_socket_directories="${sockets.replaceAll('"', '""')}"`,
    "unix_socket_permissions=0700",
    `max_connections=${MAX_CONNECTIONS}`,
    ...MEMORY,
    ...LOG_OF_CHANGES,
    ...VACUUM,
    // What it writes is shown only in errors; these lines report ordinary work.
    "log_checkpoints=off",
    "log_autovacuum_min_duration=-1",
    "log_line_prefix=",
    ...durability(isDurable),
  ];
}

/** Tables are also in the system's file cache. No process more than needed: no parallel queries, no replication, no processes that read. */
const MEMORY = [
  "shared_buffers=32MB",
  "maintenance_work_mem=16MB",
  "io_method=sync",
  "max_worker_processes=0",
  "max_parallel_workers=0",
  "max_logical_replication_workers=0",
];

/** The write-ahead log, which a power cut makes Postgres read again: it is removed a minute after a burst, and never kept for later use. */
const LOG_OF_CHANGES = [
  "wal_level=minimal",
  "max_wal_senders=0",
  "min_wal_size=4MB",
  "max_wal_size=32MB",
  "wal_recycle=off",
  "checkpoint_timeout=60s",
  "checkpoint_warning=0",
];

/** A row is written about four times in its life, so that a crawl makes space to reuse every few seconds. */
const VACUUM = [
  "autovacuum_naptime=5s",
  "autovacuum_vacuum_cost_delay=0",
  "autovacuum_max_workers=1",
  "autovacuum_worker_slots=1",
  "autovacuum_vacuum_scale_factor=0.1",
  "autovacuum_analyze_scale_factor=0.2",
];
