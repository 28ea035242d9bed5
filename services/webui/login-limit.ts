import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";

/** Enough for typing errors; far too few for guessing. */
export const MAX_FAILED_LOGINS = 10;
const WINDOW_MS = 60_000;
/** More addresses in one window mean a distributed attack, and the map must not grow with it. */
const MAX_ADDRESSES = 10_000;

export interface LoginLimitOptions {
  /** Whether a distributed attack blocks all logins: people can log in later, while programs must continue. */
  closesUnderAttack: boolean;
}

/**
 * The key of one client: an IPv4 address, or the first 64 bits of an IPv6 address, because a site chooses the others (RFC 4291, section 2.5.4).
 * A text that is not an address is its own key.
 */
export function clientOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString() : parsed.toString();
}

/** Counts wrong tokens by `clientOf` an address, in windows of a minute. A repeated token counts once, such as that of a program with an old one. */
export class LoginLimit {
  readonly #closesUnderAttack: boolean;
  #window = 0;
  #failures = new Map<string, { count: number; last: string }>();

  constructor({ closesUnderAttack }: LoginLimitOptions) {
    this.#closesUnderAttack = closesUnderAttack;
  }

  /** Whether `address` may try (again). */
  allows(address: string, nowMs: number): boolean {
    this.#turn(nowMs);
    if (this.#closesUnderAttack && this.#failures.size >= MAX_ADDRESSES) return false;
    return (this.#failures.get(clientOf(address))?.count ?? 0) < MAX_FAILED_LOGINS;
  }

  countFailure(address: string, token: string, nowMs: number): void {
    this.#turn(nowMs);
    const last = createHash("sha256").update(token).digest("base64");
    const client = clientOf(address);
    const known = this.#failures.get(client);
    if (known?.last === last || (!known && this.#failures.size >= MAX_ADDRESSES)) return;
    this.#failures.set(client, { count: (known?.count ?? 0) + 1, last });
  }

  #turn(nowMs: number): void {
    const window = Math.floor(nowMs / WINDOW_MS);
    if (window === this.#window) return;
    this.#window = window;
    this.#failures.clear();
  }
}
