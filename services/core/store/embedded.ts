import { aborted } from "../runtime/signals.ts";
import { copyTemplate } from "./embedded-template.ts";
import { type LocalServer, startLocalServer } from "./local-server.ts";
import { connectPostgres, type PostgresOptions } from "./postgres.ts";
import { postgresBinaries } from "./postgres-binaries.ts";
import { serverUser } from "./server-user.ts";
import type { Database } from "./sql.ts";

/** The embedded Postgres of a data directory. Disposing ends its server, after all connections have been closed. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** One more pool of connections. Its statements reject with EmbeddedDatabaseError once the server has ended by itself. */
  connect(options?: PostgresOptions): Promise<Database>;
  /** Rejects with EmbeddedDatabaseError when the server ends by itself; resolves when `signal` aborts. */
  watch(signal: AbortSignal): Promise<void>;
}

export interface EmbeddedOptions {
  /** False: faster, and a crash of the machine may ruin the database. Default: what is committed survives a power cut. */
  isDurable?: boolean;
}

/**
 * Starts (after creating it, if it is missing) the embedded Postgres in `directory`. The caller must hold a lock on it.
 *
 * @throws EmbeddedDatabaseError if it does not start; NoPostgresError.
 */
export async function startEmbedded(directory: string, { isDurable = true }: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const binaries = postgresBinaries();
  await copyTemplate(directory, { binaries, isDurable });
  const server = await startLocalServer({ directory, binaries, user: serverUser(directory), isDurable });
  return {
    connect: async (options) => reportingEnd(await connectPostgres(server.url, options), server),
    watch: async (signal) => {
      await Promise.race([server.ended, aborted(signal)]);
      const failure = server.failure();
      if (failure) throw failure;
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** As startEmbedded, with one pool of connections, and the newest schema. Closing it ends the server. */
export async function openEmbedded(directory: string, options?: EmbeddedOptions): Promise<Database> {
  const postgres = await startEmbedded(directory, options);
  const database = await postgres.connect();
  return {
    ...database,
    async close() {
      await database.close();
      await postgres[Symbol.asyncDispose]();
    },
  };
}

/** When the server has ended, a broken connection is no reason to try again. */
function reportingEnd(database: Database, server: LocalServer): Database {
  const checked = <T>(answer: Promise<T>) =>
    answer.catch((error) => {
      throw server.failure() ?? error;
    });
  return {
    query: (text, params) => checked(database.query(text, params)),
    exec: (text) => checked(database.exec(text)),
    transaction: (work) => checked(database.transaction(work)),
    close: () => database.close(),
  };
}
