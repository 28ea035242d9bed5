/** How many tasks of one host a project may start now, from the script's limits, the host's requested delay, its refusals and Retry-After. */
import { LRUCache } from "lru-cache";
import type { ScriptInfo } from "../core/protocol/messages.ts";
import { afterAnswer, afterRefusal, type HostBackoff, NO_BACKOFF } from "./host-backoff.ts";

export interface HostLimits {
  /** Seconds between two dispatches to one host; 0: none. */
  delaySeconds: number;
  /** Tasks of one host in flight; Infinity: no limit. */
  concurrency: number;
}

export const NO_LIMITS: HostLimits = { delaySeconds: 0, concurrency: Infinity };

/** The limits of the project's script. */
export const limitsOf = (info: ScriptInfo | null): HostLimits => ({
  delaySeconds: info?.hostDelaySeconds ?? 0,
  concurrency: info?.hostConcurrency ?? Infinity,
});

export const hasLimits = ({ delaySeconds, concurrency }: HostLimits) => delaySeconds > 0 || concurrency < Infinity;

/** Delays requested by hosts; each page of the host repeats its delay. */
const MAX_DELAYS = 10_000;
/** Hosts with an active wait; beyond this the oldest are dropped, and each of them may get one page too early. */
const MAX_HOSTS = 50_000;

interface Host {
  /** Unix seconds before which no task is sent to the host. */
  opensAt: number;
  inFlight: number;
}

/** The hosts of one project that have tasks in flight or an active wait. All times are unix seconds. */
export class HostLimiter {
  #limits: HostLimits;
  /** Hosts whose free slots have changed since this set was emptied. */
  readonly touched = new Set<string>();
  readonly #hosts = new Map<string, Host>();
  /** Limited by size, because a limit of `max` entries would allocate 200 KB for each project. */
  readonly #delays = new LRUCache<string, number>({ maxSize: MAX_DELAYS, sizeCalculation: () => 1 });
  readonly #backoffs = new LRUCache<string, HostBackoff>({ maxSize: MAX_DELAYS, sizeCalculation: () => 1 });

  constructor(limits: HostLimits = NO_LIMITS) {
    this.#limits = limits;
  }

  /** Sets new limits. @returns whether they differ: then every host is open again, until its next Retry-After. */
  limit(limits: HostLimits): boolean {
    const { delaySeconds, concurrency } = this.#limits;
    this.#limits = limits;
    const isChanged = delaySeconds !== limits.delaySeconds || concurrency !== limits.concurrency;
    if (isChanged) for (const host of this.#hosts.values()) host.opensAt = 0;
    return isChanged;
  }

  /** When the host accepts its next task: at most `now` if it does now, Infinity if one of its tasks has to come back first. */
  opensAt(host: string): number {
    const known = this.#hosts.get(host);
    if (!known) return 0;
    return known.inFlight >= this.#limits.concurrency ? Infinity : known.opensAt;
  }

  /** The same after `begun` more of its tasks, a whole number from 0, were dispatched at `now`. */
  opensAfter(host: string, begun: number, now: number): number {
    if (begun === 0) return this.opensAt(host);
    const { inFlight, opensAt } = this.#hosts.get(host) ?? { inFlight: 0, opensAt: 0 };
    return inFlight + begun >= this.#limits.concurrency ? Infinity : Math.max(opensAt, now + this.#delayOf(host));
  }

  /** Number of tasks that the host accepts now. */
  room(host: string, now: number): number {
    if (this.opensAt(host) > now) return 0;
    return this.#delayOf(host) > 0 ? 1 : this.#limits.concurrency - (this.#hosts.get(host)?.inFlight ?? 0);
  }

  /** A task of the host is about to be dispatched. */
  acquire(host: string, now: number): void {
    this.#open(host).inFlight++;
    this.onEnqueued(host, now);
  }

  /** The task was enqueued; the host delay starts now. */
  onEnqueued(host: string, now: number): void {
    this.holdUntil(host, now + this.#delayOf(host));
  }

  /** A task of the host came back, or was given up. */
  release(host: string): void {
    const known = this.#open(host);
    known.inFlight = Math.max(0, known.inFlight - 1);
  }

  /** The host requested no tasks until then. */
  holdUntil(host: string, until: number): void {
    const known = this.#open(host);
    known.opensAt = Math.max(known.opensAt, until);
  }

  /** The host's requested seconds between two tasks; the project's own delay may be longer. */
  learnDelay(host: string, seconds: number, now: number): void {
    const before = this.#delayOf(host);
    this.#delays.set(host, seconds);
    if (seconds > before) this.holdUntil(host, now + seconds);
  }

  /**
   * The host has refused a page, see `afterRefusal`.
   *
   * @returns the seconds for which it is left alone; 0: it is not, because this page says too little.
   */
  refused(host: string, page: { isCertain: boolean; since: number }, now: number): number {
    const before = this.#backoffs.get(host) ?? NO_BACKOFF;
    const after = afterRefusal(before, page, now);
    this.#backoffs.set(host, after);
    if (after.since !== before.since) this.holdUntil(host, now + after.seconds);
    return after.seconds;
  }

  /** The host has answered a page that was dispatched at `since`. */
  answered(host: string, since: number): void {
    const before = this.#backoffs.get(host);
    if (!before || since < before.since) return;
    const after = afterAnswer(before);
    if (after.seconds === 0) this.#backoffs.delete(host);
    else this.#backoffs.set(host, after);
  }

  /** Drops hosts without state. @returns whether no host is left and no limit is set. */
  sweep(now: number): boolean {
    for (const [host, { inFlight, opensAt }] of this.#hosts) if (inFlight === 0 && opensAt <= now) this.#hosts.delete(host);
    return !hasLimits(this.#limits) && this.#hosts.size === 0 && this.#delays.size === 0 && this.#backoffs.size === 0;
  }

  #delayOf(host: string): number {
    return Math.max(this.#limits.delaySeconds, this.#delays.get(host) ?? 0, this.#backoffs.get(host)?.seconds ?? 0);
  }

  #open(host: string): Host {
    this.touched.add(host);
    const known = this.#hosts.get(host) ?? { opensAt: 0, inFlight: 0 };
    this.#hosts.set(host, known);
    if (this.#hosts.size > MAX_HOSTS) this.#forgetOldest();
    return known;
  }

  /** All but a few of the oldest have no tasks in flight. */
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
 * `"https://a.test:8443/x" -> "a.test:8443"`; undefined for URLs without a host, such as `data:`, and for names that are longer than a host name
 * can be: they cannot resolve, and would not fit into the index of host queues.
 */
export function hostOf(url: string): string | undefined {
  const host = URL.parse(url)?.host;
  return host && host.length <= MAX_HOST_LENGTH ? host : undefined;
}
