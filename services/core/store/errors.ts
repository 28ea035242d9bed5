import { CrawlerError } from "../protocol/errors.ts";

/** The database was written by a newer version of Orbweaver. */
export class SchemaTooNewError extends CrawlerError {
  readonly code = "E_SCHEMA_TOO_NEW";
  readonly retryable = false;

  constructor(found: number, known: number) {
    super(
      `The database has schema version ${found}, this version of Orbweaver supports up to ${known}. Run the newer version, or restore an older backup.`,
    );
  }
}

/** Postgres did not answer, or refused the login. The URL is shown without its password. */
export class DatabaseUnreachableError extends CrawlerError {
  readonly code = "E_DATABASE_UNREACHABLE";
  readonly retryable = true;

  constructor(url: string, options: ErrorOptions) {
    const reason = options.cause instanceof Error ? options.cause.message || options.cause.name : String(options.cause);
    super(
      `No connection to Postgres at ${withoutPassword(url)}: ${reason}. Check that it runs and that ORB_DATABASE_URL (or --database) is right.`,
      options,
    );
  }
}

/** A URL for messages. */
export function withoutPassword(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return "(not a URL)";
  if (parsed.password) parsed.password = "***";
  if (parsed.searchParams.has("password")) parsed.searchParams.set("password", "***");
  return parsed.href;
}

/** The embedded database's server did not start, or ended by itself. */
export class EmbeddedDatabaseError extends CrawlerError {
  readonly code = "E_EMBEDDED_DATABASE";
  readonly retryable = false;

  constructor(directory: string, options?: ErrorOptions) {
    const reason = options?.cause instanceof Error ? options.cause.message : "it ended";
    super(
      `The embedded database in ${directory} stopped: ${reason}. Start again; if it fails again, replace the directory with a backup.`,
      options,
    );
  }
}

/** npm installed no Postgres server that can be used. */
export class NoPostgresError extends CrawlerError {
  readonly code = "E_NO_POSTGRES";
  readonly retryable = false;

  constructor(reason: string, options?: ErrorOptions) {
    super(`The embedded database has no server: ${reason}. Run npm ci again, or name a Postgres of your own with --database.`, options);
  }
}

/** The data of an earlier version could not be carried over. It is as it was. */
export class CarryOverError extends CrawlerError {
  readonly code = "E_CARRY_OVER";
  readonly retryable = false;

  constructor(directory: string, reason: string, options?: ErrorOptions) {
    super(
      `The data in ${directory} could not be carried over to the new format: ${reason}. It is unchanged. Start again; or move the directory away to begin without it.`,
      options,
    );
  }
}
