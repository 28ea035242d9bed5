/** The stored certificate of the fleet's domain. Times are the database's. */
import type { Database, Sql } from "./sql.ts";

/** The identity of a certificate: another domain or directory is another certificate. */
export interface CertificateName {
  domain: string;
  /** URL of an ACME directory (RFC 8555, section 7.1.1). */
  directory: string;
}

/** A certificate ordered by an issuer. */
export interface OrderName extends CertificateName {
  /** An identifier of the private keys' passphrase that does not reveal it. */
  passphraseId: string;
}

/** An account at an ACME directory. */
export interface AcmeAccount {
  /** PEM, encrypted. */
  key: string;
  url: string;
}

/** The stored data that an issuer starts with. */
export interface Claim {
  account: AcmeAccount | undefined;
  /** Orders that failed since the last certificate. */
  failures: number;
}

/** The certificate for edges and `./orb status`. */
export interface StoredCertificate extends CertificateName {
  /** PEM; undefined before the first. */
  chain: string | undefined;
  /** PEM, encrypted. */
  privateKey: string | undefined;
  /** Unix time in seconds. */
  notAfter: number | undefined;
  /** Unix time in seconds of the next order. */
  nextOrder: number;
  /** Why the last order failed; undefined if it succeeded. */
  problem: string | undefined;
}

/** Creates the row, or starts over if the domain, the directory or the passphrase has changed: the old certificate stays until the new one is stored. */
export async function adoptCertificate(sql: Sql, { domain, directory, passphraseId }: OrderName): Promise<void> {
  await sql.query(
    `insert into certificate (domain, directory, passphrase_id) values ($1, $2, $3)
     on conflict (only_row) do update set domain = excluded.domain, directory = excluded.directory, passphrase_id = excluded.passphrase_id,
       account_key = null, account_url = null, due = now(), failures = 0, problem = null, issuer = null, issuer_until = '-infinity'
     where (certificate.domain, certificate.directory, certificate.passphrase_id)
       is distinct from (excluded.domain, excluded.directory, excluded.passphrase_id)`,
    [domain, directory, passphraseId],
  );
}

/** Claims the next order if it is due and no other process has claimed it; undefined otherwise. */
export async function claimOrder(
  sql: Sql,
  { domain, directory, passphraseId }: OrderName,
  { issuer, claimMs }: { issuer: string; claimMs: number },
): Promise<Claim | undefined> {
  const [row] = await sql.query<{ key: string | null; url: string | null; failures: number }>(
    `update certificate set issuer = $3, issuer_until = clock_timestamp() + $4 * interval '1 millisecond'
     where domain = $1 and directory = $2 and passphrase_id = $5 and due <= clock_timestamp() and issuer_until < clock_timestamp()
     returning account_key as key, account_url as url, failures`,
    [domain, directory, issuer, claimMs, passphraseId],
  );
  if (row === undefined) return undefined;
  return { failures: row.failures, account: row.key === null || row.url === null ? undefined : { key: row.key, url: row.url } };
}

/** Releases a claim without a result. */
export async function releaseOrder(sql: Sql, issuer: string): Promise<void> {
  await sql.query("update certificate set issuer = null, issuer_until = '-infinity' where issuer = $1", [issuer]);
}

/** Stores a new account of the claim. */
export async function storeAccount(sql: Sql, issuer: string, { key, url }: AcmeAccount): Promise<void> {
  await sql.query("update certificate set account_key = $2, account_url = $3 where issuer = $1", [issuer, key, url]);
}

/** The result of an order. Times are Unix times in seconds. */
export type OrderResult =
  | { chain: string; privateKey: string; notAfter: number; nextOrder: number }
  | { problem: string; failures: number; nextOrder: number };

/** Ends a claim; changes nothing if another process has claimed the order since. Also removes the challenges. */
export async function endOrder(database: Database, issuer: string, result: OrderResult): Promise<void> {
  const ended = "issuer = null, issuer_until = '-infinity', due = to_timestamp($2)";
  await database.transaction(async (sql) => {
    const rows =
      "chain" in result
        ? await sql.query(
            `update certificate set ${ended}, chain = $3, private_key = $4, not_after = to_timestamp($5), failures = 0, problem = null
             where issuer = $1 returning domain`,
            [issuer, result.nextOrder, result.chain, result.privateKey, result.notAfter],
          )
        : await sql.query(`update certificate set ${ended}, failures = $3, problem = $4 where issuer = $1 returning domain`, [
            issuer,
            result.nextOrder,
            result.failures,
            result.problem,
          ]);
    if (rows.length > 0) await sql.exec("delete from certificate_challenges");
  });
}

/** Publishes the answer of an HTTP-01 challenge at every edge. */
export async function storeChallenge(sql: Sql, token: string, keyAuthorization: string): Promise<void> {
  await sql.query(
    `insert into certificate_challenges (token, key_authorization) values ($1, $2)
     on conflict (token) do update set key_authorization = excluded.key_authorization`,
    [token, keyAuthorization],
  );
}

/** The answer to an HTTP-01 challenge; undefined if the token is unknown. */
export async function readChallenge(sql: Sql, token: string): Promise<string | undefined> {
  const [row] = await sql.query<{ answer: string }>("select key_authorization as answer from certificate_challenges where token = $1", [
    token,
  ]);
  return row?.answer;
}

/** The current certificate; undefined if no domain was ever set. */
export async function readCertificate(sql: Sql): Promise<StoredCertificate | undefined> {
  type Nullable = { [Key in keyof StoredCertificate]: StoredCertificate[Key] | null };
  const [row] = await sql.query<Nullable>(
    `select domain, directory, chain, private_key as "privateKey", extract(epoch from not_after)::float8 as "notAfter",
       extract(epoch from due)::float8 as "nextOrder", problem from certificate`,
  );
  if (row === undefined) return undefined;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? undefined])) as unknown as StoredCertificate;
}
