/** The state of the certificate of a fleet's domain: what each edge serves, and the result of the last order. Pure; Unix times in seconds. */
import type { FleetConfig } from "../../../stacks/config.ts";

export interface EdgeState {
  url: string;
  /** HTTP status of its login page; 0 if it does not answer. */
  status: number;
  /** The end of the certificate that it serves; undefined without TLS, and without a certificate for the domain. */
  goodUntil?: number;
}

/** What an edge host last read of the certificate's order. */
export interface OrderReport {
  domain: string;
  nextOrder: number;
  /** Why the last order failed, in the CA's words. */
  problem?: string;
}

const DAY_SECONDS = 86_400;
/** A certificate given by hand is renewed by hand, which needs more notice. */
const GIVEN_WARNING_DAYS = 14;

/** Whole days from `now` to the end of a certificate; negative once it has ended. */
export const daysLeft = (goodUntil: number, now: number): number => Math.floor((goodUntil - now) / DAY_SECONDS);

/** What is wrong with the edges and their certificate, one sentence each. */
export function edgeProblems(
  tls: FleetConfig["tls"],
  { edges, order, now }: { edges: readonly EdgeState[]; order: OrderReport | undefined; now: number },
): string[] {
  return [...edges.flatMap((edge) => problemsOfEdge(edge, tls, now)), ...orderProblems(tls, order)];
}

function problemsOfEdge({ url, status, goodUntil }: EdgeState, tls: FleetConfig["tls"], now: number): string[] {
  if (status === 0) return [`${url} does not answer`];
  if (tls !== undefined && goodUntil === undefined) return [`${url} has no certificate for ${tls.domain} yet`];
  const answers = status === 200 ? [] : [`${url} answers ${status}`];
  if (tls === undefined || goodUntil === undefined) return answers;
  const days = daysLeft(goodUntil, now);
  if (days < 0) return [...answers, `the certificate of ${url} expired ${daysText(-days)} ago`];
  const isGiven = "given" in tls.certificate;
  return isGiven && days < GIVEN_WARNING_DAYS
    ? [...answers, `the certificate of ${url} expires in ${daysText(days)}: set a new orbweaver:certificate, then ./orb up`]
    : answers;
}

function orderProblems(tls: FleetConfig["tls"], order: OrderReport | undefined): string[] {
  if (tls === undefined || order?.problem === undefined || order.domain !== tls.domain) return [];
  return [`no new certificate for ${order.domain}: ${order.problem}; the next order is placed at ${time(order.nextOrder)}`];
}

/** `2027-01-20 04:00 UTC` */
const time = (seconds: number) => `${new Date(seconds * 1_000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const daysText = (days: number) => (days === 1 ? "1 day" : `${days} days`);

/** An edge in a line for people, without its indent. */
export function edgeLine({ url, status, goodUntil }: EdgeState, now: number): string {
  const answer = status === 0 ? "does not answer" : String(status);
  return `${url} ${answer}${goodUntil === undefined ? "" : `, certificate: ${daysText(daysLeft(goodUntil, now))} left`}`;
}
