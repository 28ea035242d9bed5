import type { TaskError } from "../core/protocol/messages.ts";

/** What the database says about a project's pause. */
export interface PauseFacts {
  /** Unix seconds; 0: not paused, and no check is running. */
  pausedUntil: number;
  /** Of the last failed try before the pause. */
  lastError: TaskError | null;
}

/** Notes the pauses of a run: the scheduler's, which are those of a project in `./orb start`. */
export class PauseWatch {
  #until = 0;
  #pauses = 0;
  readonly #say: (text: string) => void;

  /** @param say receives one line a pause. */
  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** Reads the facts of now; `now`: unix seconds. */
  note({ pausedUntil, lastError }: PauseFacts, now: number): void {
    if (pausedUntil === this.#until) return;
    this.#until = pausedUntil;
    if (pausedUntil === 0) this.#pauses = 0;
    if (pausedUntil <= now) return;
    this.#pauses++;
    if (!this.isHopeless) this.#say(pauseText(pausedUntil - now, lastError));
  }

  /** Two pauses with no success between: the tasks that were tried after five minutes failed, too. */
  get isHopeless(): boolean {
    return this.#pauses > 1;
  }
}

const pauseText = (seconds: number, error: TaskError | null) =>
  `paused for ${Math.ceil(seconds)} s, because too many tasks in a row failed${error ? `, the last one with: ${error.message} (${error.code})` : ""}. Ctrl-C ends the run.`;
