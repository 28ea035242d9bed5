/** How the edges get their certificate: the related parts of the stack config together. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Problem } from "../../services/core/protocol/errors.ts";

const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";
/** It issues untrusted certificates, under limits that tests do not reach. */
const LETS_ENCRYPT_STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory";

export interface AcmeConfig {
  /** URL of the ACME directory. */
  directory: string;
  /** For the CA's messages about the account. */
  email: string | undefined;
  /** PEM of a root that is trusted for the directory's own certificate. */
  authority: string | undefined;
}

/** A fleet with a domain: its edges serve TLS, with a certificate that is ordered or given by hand. */
export interface TlsConfig {
  domain: string;
  certificate: { acme: AcmeConfig } | { given: string };
}

export interface TlsParts {
  domain?: string | undefined;
  acme?:
    | { directory?: string | undefined; staging?: boolean | undefined; email?: string | undefined; authority?: string | undefined }
    | undefined;
  certificate?: string | undefined;
}

/** Without a domain: undefined, and the edges serve plain HTTP. */
export function tlsOf({ domain, acme = {}, certificate }: TlsParts): TlsConfig | undefined {
  if (domain === undefined) return undefined;
  if (certificate !== undefined) return { domain, certificate: { given: certificate } };
  const directory = acme.directory ?? (acme.staging ? LETS_ENCRYPT_STAGING : LETS_ENCRYPT);
  return { domain, certificate: { acme: { directory, email: acme.email, authority: acme.authority } } };
}

/** Rules across these parts. */
export function tlsProblems({ domain, acme, certificate }: TlsParts): Problem[] {
  const needsDomain = (path: string): Problem => ({ path, remedy: "it needs a domain: set orbweaver:domain, such as crawl.example.org" });
  const alone: Problem[] =
    domain === undefined ? [...(acme ? [needsDomain("acme")] : []), ...(certificate ? [needsDomain("certificate")] : [])] : [];
  const twice: Problem = { path: "acme", remedy: "a certificate is given in orbweaver:certificate: remove one of the two" };
  const ambiguous: Problem = { path: "acme.staging", value: true, remedy: "staging is Let's Encrypt's: remove it, or acme.directory" };
  return [
    ...alone,
    ...(acme && certificate ? [twice] : []),
    ...(acme?.staging && acme.directory ? [ambiguous] : []),
    ...(domain !== undefined && certificate !== undefined ? givenProblems(domain, certificate) : []),
  ];
}

const GIVE = "write chain and key in one: cat fullchain.pem privkey.pem | pulumi config set --secret orbweaver:certificate";

/** The date is not checked: `./orb status` must work with an expired certificate, and reports it. */
function givenProblems(domain: string, pem: string): Problem[] {
  const problem = (remedy: string): Problem[] => [{ path: "certificate", remedy }];
  const chain = readCertificate(pem);
  const key = readKey(pem);
  if (chain === undefined) return problem(`it contains no readable certificate: ${GIVE}`);
  if (key === undefined) return problem(`it contains no private key that can be read without a passphrase: ${GIVE}`);
  if (!chain.checkPrivateKey(key))
    return problem("the private key is not that of the first certificate: write the server's certificate first");
  if (chain.checkHost(domain) === undefined) return problem(`it is not for ${domain} but for ${chain.subjectAltName ?? chain.subject}`);
  return [];
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem.slice(Math.max(0, pem.indexOf("-----BEGIN CERTIFICATE-----"))));
  } catch {
    return undefined;
  }
}

function readKey(pem: string): KeyObject | undefined {
  const [key] = /-----BEGIN (?:EC |RSA )?PRIVATE KEY-----[\s\S]*?-----END (?:EC |RSA )?PRIVATE KEY-----/.exec(pem) ?? [];
  try {
    return key === undefined ? undefined : createPrivateKey(key);
  } catch {
    return undefined;
  }
}
