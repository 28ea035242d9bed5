import type { StoredScript } from "../core/queue/queue.ts";
import { SCRIPT_KEPT_MS } from "../core/queue/queue.ts";

/** A script in use is stored again after this time. It then stays for SCRIPT_KEPT_MS minus this, which is longer than a task is in flight. */
const PUT_AGAIN_MS = 600_000;
/** Versions kept per project while tasks with older scripts are in flight: the newest, and one before it. */
const VERSIONS_IN_USE = 2;

interface Shelved extends StoredScript {
  /** Monotonic; for a script of an earlier term: when this term found it. */
  usedAtMs: number;
  isPut: boolean;
}

/** The input for the decision which scripts to remove. */
export interface ShelfUse {
  /** Monotonic. */
  nowMs: number;
  /** Hashes of the scripts that tasks in flight need. */
  inUse: ReadonlySet<string>;
}

/**
 * Which compiled scripts are stored in Redis, and which to remove: those unused for SCRIPT_KEPT_MS, older versions of a project, and the oldest ones if
 * there are too many bytes. Scripts that tasks in flight need are removed last.
 */
export class ScriptShelf {
  readonly #maxBytes: number;
  /** In order of storing, the oldest first. */
  readonly #scripts = new Map<string, Shelved>();
  #bytes = 0;

  /** @param maxBytes of all compiled scripts together; the newest is kept in any case. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Begins with the scripts that the queue server has: they count, but each is stored again before it is used. */
  reset(found: readonly StoredScript[], nowMs: number): void {
    this.#scripts.clear();
    this.#bytes = 0;
    for (const script of found) this.#set({ ...script, usedAtMs: nowMs, isPut: false });
  }

  /** Whether a script must be stored before a task that needs it. */
  needsPut(hash: string, nowMs: number): boolean {
    const script = this.#scripts.get(hash);
    return !script?.isPut || nowMs - script.usedAtMs >= PUT_AGAIN_MS;
  }

  /** Records a script that is about to be stored. @returns the hashes to remove before it. */
  add(script: StoredScript, use: ShelfUse): string[] {
    this.#remove(script.hash);
    this.#set({ ...script, usedAtMs: use.nowMs, isPut: true });
    return [...this.removeUnused(use), ...this.#removeVersions(script.project, use), ...this.#removeUntilRoom(script.hash, use)];
  }

  /** A processor did not find this script: it is stored again. */
  lost(hash: string): void {
    const script = this.#scripts.get(hash);
    if (script) script.isPut = false;
  }

  /** Removes scripts unused for SCRIPT_KEPT_MS. @returns the hashes. */
  removeUnused({ nowMs, inUse }: ShelfUse): string[] {
    return this.#removeAll((script) => nowMs - script.usedAtMs >= SCRIPT_KEPT_MS && !inUse.has(script.hash));
  }

  #removeVersions(project: string, { inUse }: ShelfUse): string[] {
    const versions = [...this.#scripts.values()].filter((script) => script.project === project).reverse();
    const kept = new Set(versions.filter(({ hash }, index) => index === 0 || inUse.has(hash)).slice(0, VERSIONS_IN_USE));
    return this.#removeAll((script) => script.project === project && !kept.has(script));
  }

  #removeUntilRoom(newest: string, { inUse }: ShelfUse): string[] {
    const isOver = ({ hash }: Shelved) => this.#bytes > this.#maxBytes && hash !== newest;
    return [...this.#removeAll((script) => isOver(script) && !inUse.has(script.hash)), ...this.#removeAll(isOver)];
  }

  #removeAll(leaves: (script: Shelved) => boolean): string[] {
    const removed: string[] = [];
    for (const script of this.#scripts.values()) {
      if (!leaves(script)) continue;
      this.#remove(script.hash);
      removed.push(script.hash);
    }
    return removed;
  }

  #set(script: Shelved): void {
    this.#scripts.set(script.hash, script);
    this.#bytes += script.bytes;
  }

  #remove(hash: string): void {
    this.#bytes -= this.#scripts.get(hash)?.bytes ?? 0;
    this.#scripts.delete(hash);
  }
}
