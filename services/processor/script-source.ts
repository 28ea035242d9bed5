import { setTimeout as delay } from "node:timers/promises";
import type { Queues } from "../core/queue.ts";

const KEPT = 64;
const POLL_MS = 200;

/** How long a script is waited for: the scheduler puts it before its tasks, but a queue server that comes back empty gets both again. */
export const SCRIPT_WAIT_MS = 5_000;

/** Compiled scripts by hash: the last ones used are kept, others come from the queue server. */
export class ScriptSource {
  readonly #queues: Pick<Queues, "getScript">;
  readonly #scripts = new Map<string, Promise<string | undefined>>();

  constructor(queues: Pick<Queues, "getScript">) {
    this.#queues = queues;
  }

  /** Undefined when the script did not come within SCRIPT_WAIT_MS. Rejects as `getScript` does. */
  get(hash: string): Promise<string | undefined> {
    const script = this.#scripts.get(hash) ?? this.#look(hash);
    this.#scripts.delete(hash);
    this.#scripts.set(hash, script);
    for (const oldest of this.#scripts.keys()) {
      if (this.#scripts.size <= KEPT) break;
      this.#scripts.delete(oldest);
    }
    return script;
  }

  async #look(hash: string): Promise<string | undefined> {
    try {
      for (const end = performance.now() + SCRIPT_WAIT_MS; performance.now() < end; await delay(POLL_MS)) {
        const script = await this.#queues.getScript(hash);
        if (script !== undefined) return script;
      }
    } catch (error) {
      this.#scripts.delete(hash);
      throw error;
    }
    this.#scripts.delete(hash);
    return undefined;
  }
}
