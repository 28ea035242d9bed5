import type { Database } from "../core/store/sql.ts";
import { SESSION_SECONDS, type Session } from "./session.ts";
import { ALL_SESSIONS, endSession, readEndedSessions } from "./store/ended-sessions.ts";

/** Maximum time that another replica accepts an ended session. */
const KEPT_MS = 3_000;

/** Sessions that were ended before they expired, on any replica. Postgres is queried when a session is used, at most every 3 s. */
export class EndedSessions {
  readonly #database: Database;
  #known: Promise<ReadonlyMap<string, number>> | undefined;
  #keptUntil = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether the session was ended. Rejects if Postgres cannot be queried: an ended session must not become valid because of a failure. */
  async has({ id, began }: Session): Promise<boolean> {
    const ended = await this.#read();
    return ended.has(id) || (ended.get(ALL_SESSIONS) ?? 0) >= began;
  }

  /** Ends one session, or every existing session. Resolves once it is stored. */
  async end(session: Session | typeof ALL_SESSIONS): Promise<void> {
    const now = Date.now();
    const id = session === ALL_SESSIONS ? ALL_SESSIONS : session.id;
    await endSession(this.#database, id, { ended: now, expired: now - SESSION_SECONDS * 1_000 });
    this.#keptUntil = 0;
  }

  #read(): Promise<ReadonlyMap<string, number>> {
    const now = performance.now();
    if (this.#known && now < this.#keptUntil) return this.#known;
    this.#keptUntil = now + KEPT_MS;
    const reading = readEndedSessions(this.#database);
    this.#known = reading;
    reading.catch(() => {
      if (this.#known === reading) this.#known = undefined;
    });
    return reading;
  }
}
