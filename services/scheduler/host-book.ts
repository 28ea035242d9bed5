/** How many tasks of one host a project may start now: what it asks for itself, what the host asks for, and how long a host is left alone. */
import type { ScriptInfo } from "../core/messages.ts";

export interface HostLimits {
  /** Seconds between two dispatches to one host; 0: none. */
  delaySeconds: number;
  /** Tasks of one host in flight; Infinity: no limit. */
  concurrency: number;
}

export const NO_LIMITS: HostLimits = { delaySeconds: 0, concurrency: Infinity };

/** What the project's script asks for. */
export const limitsOf = (info: ScriptInfo | null): HostLimits => ({
  delaySeconds: info?.hostDelaySeconds ?? 0,
  concurrency: info?.hostConcurrency ?? Infinity,
});

export const hasLimits = ({ delaySeconds, concurrency }: HostLimits) => delaySeconds > 0 || concurrency < Infinity;

/** Delays that hosts asked for; each page of the host tells it again. */
const MAX_DELAYS = 10_000;
/** Hosts that are left alone for a while; of more the oldest are forgotten, which may cost each a page that comes early. */
const MAX_HOSTS = 50_000;

interface Host {
  /** Unix seconds before which nothing more goes there. */
  opensAt: number;
  inFlight: number;
}

/** The hosts of one project that something is in flight to, or that are left alone for a while. All times are unix seconds. */
export class HostBook {
  #limits: HostLimits;
  /** Hosts whose room has changed since this was emptied. */
  readonly touched = new Set<string>();
  readonly #hosts = new Map<string, Host>();
  readonly #delays = new Map<string, number>();

  constructor(limits: HostLimits = NO_LIMITS) {
    this.#limits = limits;
  }

  /** Other limits from now on. @returns whether they are others: then every host is open again, until it asks for patience anew. */
  limit(limits: HostLimits): boolean {
    const { delaySeconds, concurrency } = this.#limits;
    this.#limits = limits;
    const isChanged = delaySeconds !== limits.delaySeconds || concurrency !== limits.concurrency;
    if (isChanged) for (const host of this.#hosts.values()) host.opensAt = 0;
    return isChanged;
  }

  /** When the host takes its next task: not later than `now` if it does now, Infinity if one of its tasks has to come back first. */
  opensAt(host: string): number {
    const known = this.#hosts.get(host);
    if (!known) return 0;
    return known.inFlight >= this.#limits.concurrency ? Infinity : known.opensAt;
  }

  /** Tasks that the host takes now. */
  room(host: string, now: number): number {
    if (this.opensAt(host) > now) return 0;
    return this.#delayOf(host) > 0 ? 1 : this.#limits.concurrency - (this.#hosts.get(host)?.inFlight ?? 0);
  }

  /** A task of the host is going to be dispatched. */
  begin(host: string, now: number): void {
    this.#open(host).inFlight++;
    this.left(host, now);
  }

  /** It has left: only now begins the wait for the next. */
  left(host: string, now: number): void {
    this.holdUntil(host, now + this.#delayOf(host));
  }

  /** A task of the host came back, or was given up. */
  end(host: string): void {
    const known = this.#open(host);
    known.inFlight = Math.max(0, known.inFlight - 1);
  }

  /** The host asked to be left alone until then. */
  holdUntil(host: string, until: number): void {
    const known = this.#open(host);
    known.opensAt = Math.max(known.opensAt, until);
  }

  /** The host asks for so many seconds between two tasks; the project's own delay may be longer. */
  learnDelay(host: string, seconds: number, now: number): void {
    const before = this.#delayOf(host);
    this.#delays.delete(host);
    this.#delays.set(host, seconds);
    const [oldest] = this.#delays.keys();
    if (this.#delays.size > MAX_DELAYS && oldest !== undefined) this.#delays.delete(oldest);
    if (seconds > before) this.holdUntil(host, now + seconds);
  }

  /** Forgets hosts that nothing is known of any more. @returns whether that is all of them, and no limit is left to keep. */
  sweep(now: number): boolean {
    for (const [host, { inFlight, opensAt }] of this.#hosts) if (inFlight === 0 && opensAt <= now) this.#hosts.delete(host);
    return !hasLimits(this.#limits) && this.#hosts.size === 0 && this.#delays.size === 0;
  }

  #delayOf(host: string): number {
    return Math.max(this.#limits.delaySeconds, this.#delays.get(host) ?? 0);
  }

  #open(host: string): Host {
    this.touched.add(host);
    const known = this.#hosts.get(host) ?? { opensAt: 0, inFlight: 0 };
    this.#hosts.set(host, known);
    if (this.#hosts.size > MAX_HOSTS) this.#forgetOldest();
    return known;
  }

  /** All but a few of the oldest have nothing in flight any more. */
  #forgetOldest(): void {
    for (const [host, { inFlight }] of this.#hosts) {
      if (inFlight > 0) continue;
      this.#hosts.delete(host);
      return;
    }
  }
}

/** The longest name (RFC 1035, section 2.3.4: 253 characters and a dot), and a port. */
const MAX_HOST_LENGTH = 260;

/**
 * `"https://a.test:8443/x" -> "a.test:8443"`; undefined for what has none, such as `data:` URLs, and for what is longer than a name can be: nobody
 * answers there, and it would not fit into the index of lines.
 */
export function hostOf(url: string): string | undefined {
  const host = URL.parse(url)?.host;
  return host && host.length <= MAX_HOST_LENGTH ? host : undefined;
}
