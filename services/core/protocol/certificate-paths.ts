/** Paths of the web UI about the certificate; the edges use them, too. */

/** The path at which a certificate authority requests a challenge's answer, followed by its token (RFC 8555, section 8.3). */
export const CHALLENGE_PATH = "/.well-known/acme-challenge/";
/** Paths below it are not forwarded by the edges. */
export const INTERNAL_ROOT = "/internal/";
/** The certificate, for edge hosts. */
export const CERTIFICATE_PATH = `${INTERNAL_ROOT}certificate`;
