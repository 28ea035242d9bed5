import { decodeRobots, parseRobots } from "../../services/fetcher/robots-rules.ts";

const bytesOf = (text: string) => (/^[\0-\xff]*$/.test(text) && /[\x80-\xff]/.test(text) ? Buffer.from(text, "latin1") : Buffer.from(text));

/** Our answer to what each of these suites asks. Paths belong to some site. */
export function mayFetch(robots: string | Uint8Array, agent: string, url: string): boolean {
  return rulesOf(robots).allows(new URL(url, "http://site.test/"), agent);
}

export const rulesOf = (robots: string | Uint8Array) => parseRobots(decodeRobots(typeof robots === "string" ? bytesOf(robots) : robots));
