import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import acme from "acme-client";
import type { AcmeAccount, CertificateName } from "../../core/store/certificates.ts";
import { createTransport } from "./transport.ts";

export interface OrderOptions extends CertificateName {
  /** For the CA's messages about the account. */
  email: string | undefined;
  /** Encrypts the keys. */
  passphrase: string;
  /** PEM of a root that is trusted for the directory's own certificate; undefined: the well-known roots. */
  authority: string | undefined;
  account: AcmeAccount | undefined;
  /** Stores a new account before it is used. */
  keepAccount(account: AcmeAccount): Promise<void>;
  /** Publishes the answer of an HTTP-01 challenge. */
  publish(token: string, keyAuthorization: string): Promise<void>;
  signal: AbortSignal;
}

export interface Issued {
  /** PEM: the certificate, then those between it and the root. */
  chain: string;
  /** PEM, encrypted with the passphrase. */
  privateKey: string;
  /** Unix time in seconds. */
  notBefore: number;
  notAfter: number;
}

/** A failed order, and the wait that the CA requested; 0 without one. */
export interface OrderFailure {
  /** The CA's message. */
  problem: string;
  retryAfterSeconds: number;
}

/** The interval in ms and the number of status polls: two minutes in total. */
const POLLING = { backoffMin: 1_000, backoffMax: 10_000, backoffAttempts: 15 };

/**
 * Orders a certificate for one domain (RFC 8555), with a new P-256 key. Creates an account if none exists.
 *
 * One order at a time per process: the transport of acme-client is global to its module.
 */
export async function orderCertificate(options: OrderOptions): Promise<Issued | OrderFailure> {
  await using transport = createTransport(options);
  acme.axios.defaults.adapter = transport.adapter;
  try {
    return await beforeAbort(placeOrder(options), options.signal);
  } catch (error) {
    const problem = (error instanceof Error ? error.message : String(error)) || "the certificate authority gave no reason";
    return { problem, retryAfterSeconds: transport.retryAfterSeconds() };
  }
}

/** acme-client sleeps between two polls, and an error does not interrupt that. */
async function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {});
  const end = new AbortController();
  const aborted = once(signal, "abort", { signal: end.signal }).then(() => {
    throw new Error("the certificate authority did not decide in time");
  });
  aborted.catch(() => {});
  try {
    return await Promise.race([work, aborted]);
  } finally {
    end.abort();
  }
}

async function placeOrder(options: OrderOptions): Promise<Issued> {
  const { domain, directory, email, passphrase, publish } = options;
  const { key: accountKey, url } = storedAccount(options) ?? (await newAccount(options));
  const client = new acme.Client({ directoryUrl: directory, accountKey, accountUrl: url, ...POLLING });
  const key = await acme.crypto.createPrivateEcdsaKey("P-256");
  const [, csr] = await acme.crypto.createCsr({ altNames: [domain] }, key);
  const chain = await client.auto({
    csr,
    ...(email === undefined ? {} : { email }),
    termsOfServiceAgreed: true,
    challengePriority: ["http-01"],
    // The edge may route to this same host, which some networks do not allow.
    skipChallengeVerification: true,
    challengeCreateFn: (_authorization, { token }, keyAuthorization) => publish(token, keyAuthorization),
    // They are removed when the order ends.
    challengeRemoveFn: async () => {},
  });
  const { validFromDate, validToDate } = new X509Certificate(chain);
  return {
    chain,
    privateKey: encrypted(key, passphrase),
    notBefore: validFromDate.getTime() / 1_000,
    notAfter: validToDate.getTime() / 1_000,
  };
}

/** Its key is decrypted. */
async function newAccount({ directory, passphrase, email, keepAccount }: OrderOptions): Promise<AcmeAccount> {
  const key = await acme.crypto.createPrivateEcdsaKey("P-256");
  const client = new acme.Client({ directoryUrl: directory, accountKey: key });
  await client.createAccount({ termsOfServiceAgreed: true, ...(email === undefined ? {} : { contact: [`mailto:${email}`] }) });
  const url = client.getAccountUrl();
  await keepAccount({ key: encrypted(key, passphrase), url });
  return { key: key.toString(), url };
}

const encrypted = (key: Buffer, passphrase: string): string =>
  String(createPrivateKey(key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }));

function storedAccount({ account, passphrase }: OrderOptions): AcmeAccount | undefined {
  if (account === undefined) return undefined;
  const key = createPrivateKey({ key: account.key, passphrase }).export({ type: "pkcs8", format: "pem" });
  return { key: String(key), url: account.url };
}
