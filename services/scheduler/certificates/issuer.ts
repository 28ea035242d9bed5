import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../../core/runtime/log.ts";
import {
  adoptCertificate,
  type CertificateName,
  claimOrder,
  endOrder,
  type OrderName,
  type OrderResult,
  releaseOrder,
  storeAccount,
  storeChallenge,
} from "../../core/store/certificates.ts";
import type { Database } from "../../core/store/sql.ts";
import type { Issued, OrderFailure, OrderOptions } from "./order.ts";
import { renewalTime, retryTime } from "./order-times.ts";

export type IssuerSettings = CertificateName & Pick<OrderOptions, "email" | "passphrase" | "authority">;

export interface IssuerOptions {
  database: Database;
  settings: IssuerSettings;
  /** The id of this process among the issuers. */
  holder: string;
  signal: AbortSignal;
  log: Log;
  /** How often, in ms, to check in the database whether an order is due. */
  pollMs?: number;
}

const POLL_MS = 15_000;
/** After this time another process takes over from a crashed one; an order ends earlier. */
const CLAIM_MS = 300_000;
const ORDER_MS = CLAIM_MS - 60_000;

/**
 * Keeps the certificate of the domain valid until the signal aborts. Any number of processes may run it; only one places an order at a time.
 * All state is in the database, so a restart orders nothing.
 */
export async function runIssuer(options: IssuerOptions): Promise<void> {
  const { database, settings, signal, log, pollMs = POLL_MS } = options;
  let isAdopted = false;
  while (!signal.aborted) {
    try {
      if (!isAdopted) await adoptCertificate(database, nameOf(settings));
      isAdopted = true;
      await orderIfDue(options);
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, "the certificate could not be checked; trying again");
    }
    await delay(pollMs, undefined, { signal }).catch(() => {});
  }
}

async function orderIfDue({ database, settings, holder, signal, log }: IssuerOptions): Promise<void> {
  const claim = await claimOrder(database, nameOf(settings), { issuer: holder, claimMs: CLAIM_MS });
  if (claim === undefined) return;
  const { domain, directory } = settings;
  log.info({ domain, directory }, "ordering a certificate");
  // Loaded only for an order: acme-client takes 20 MiB.
  const { orderCertificate } = await import("./order.ts");
  const outcome = await orderCertificate({
    ...settings,
    account: claim.account,
    signal: AbortSignal.any([signal, AbortSignal.timeout(ORDER_MS)]),
    keepAccount: (account) => storeAccount(database, holder, account),
    publish: (token, keyAuthorization) => storeChallenge(database, token, keyAuthorization),
  });
  // A shutdown is not a failure of the order.
  if ("problem" in outcome && signal.aborted) return releaseOrder(database, holder);
  const result = resultOf(outcome, claim.failures, { now: Date.now() / 1_000, random: Math.random() });
  await endOrder(database, holder, result);
  const nextOrder = new Date(result.nextOrder * 1_000).toISOString();
  if ("problem" in result) log.warn({ domain, directory, nextOrder }, `no certificate: ${result.problem}`);
  else log.info({ domain, directory, nextOrder }, "a new certificate is stored");
}

/** The stored result of an order, given the earlier failures. */
export function resultOf(
  outcome: Issued | OrderFailure,
  failuresBefore: number,
  { now, random }: { now: number; random: number },
): OrderResult {
  if ("problem" in outcome) {
    const failures = failuresBefore + 1;
    const { problem, retryAfterSeconds } = outcome;
    return { problem, failures, nextOrder: retryTime(now, { failures, retryAfterSeconds }) };
  }
  const { chain, privateKey, notAfter } = outcome;
  return { chain, privateKey, notAfter, nextOrder: renewalTime(outcome, random) };
}

/** The passphrase has 256 random bits, so its hash does not reveal it. */
const nameOf = ({ domain, directory, passphrase }: IssuerSettings): OrderName => ({
  ...{ domain, directory },
  passphraseId: createHash("sha256").update(`id of ${passphrase}`).digest("hex").slice(0, 16),
});
