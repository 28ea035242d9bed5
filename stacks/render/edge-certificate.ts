/** An edge host's files for TLS: the script that installs certificates, its timer, and the script's input. */
import type { TlsConfig } from "../config/tls.ts";
import { NOBODY } from "../roles.ts";
import { CERTIFICATE_FILES, isForDomain, PRIVATE_FILES, renderCertificateScript } from "./certificate-script.ts";
import { EDGE, TLS_FOLDER } from "./front-script.ts";
import { type HostFile, type HostScript, unitCheck } from "./host-script.ts";
import { CERTIFICATE_TIMER, certificateUnits, removeTimer } from "./systemd.ts";

export interface EdgeCertificateSettings {
  tls: TlsConfig;
  /** `<address>:<port>` of the web UI at each balancer: the host's own first. */
  balancers: readonly string[];
  /** Encrypts the private keys of ordered certificates. */
  passphrase: string;
}

/** Outside of the folders that nginx reads. */
const PRIVATE_FOLDER = "/etc/orbweaver/certificate";
const SCRIPT_FILE = "/usr/local/sbin/orbweaver-certificate";
const CONTAINER = `orbweaver-${EDGE.name}`;

/** The file with the state of the fleet's certificate on an edge host, as JSON. */
export const CERTIFICATE_STATE_FILE = `${PRIVATE_FOLDER}/${PRIVATE_FILES.state}`;

/** Writes script, timer and secret, and makes sure that nginx finds a certificate. A certificate given by hand is installed immediately. */
export function certificateScript({ tls, balancers, passphrase }: EdgeCertificateSettings): HostScript {
  const isGiven = "given" in tls.certificate;
  const [own, other] = isGiven ? [PRIVATE_FILES.given, PRIVATE_FILES.passphrase] : [PRIVATE_FILES.passphrase, PRIVATE_FILES.given];
  const secret = "given" in tls.certificate ? tls.certificate.given : passphrase;
  return {
    timeoutSeconds: 120,
    before: `install -d -m 700 /etc/orbweaver ${PRIVATE_FOLDER}\nrm -f ${PRIVATE_FOLDER}/${other}${isGiven ? ` ${CERTIFICATE_STATE_FILE}` : ""}`,
    files: [
      scriptFile(tls.domain, balancers),
      { path: `${PRIVATE_FOLDER}/${own}`, content: secret, mode: "600" },
      ...certificateUnits(SCRIPT_FILE),
    ],
    after: `${forgetOtherDomain(tls.domain)}
${SCRIPT_FILE}${isGiven ? "" : " placeholder"} </dev/null >&2
systemctl daemon-reload
systemctl enable --quiet ${CERTIFICATE_TIMER}
systemctl restart ${CERTIFICATE_TIMER}`,
    checks: [unitCheck(CERTIFICATE_TIMER)],
  };
}

const scriptFile = (domain: string, balancers: readonly string[]): HostFile => ({
  path: SCRIPT_FILE,
  mode: "755",
  content: renderCertificateScript({
    ...{ domain, balancers, folder: TLS_FOLDER, privateFolder: PRIVATE_FOLDER, owner: NOBODY },
    isRunning: `[ "$(docker container inspect --format '{{.State.Status}}' ${CONTAINER} 2>/dev/null)" = running ]`,
    check: `docker exec ${CONTAINER} nginx -e stderr -t -q -c ${EDGE.file} </dev/null >&2`,
    reload: `docker exec ${CONTAINER} nginx -e stderr -c ${EDGE.file} -s reload </dev/null >&2`,
  }),
});

/** A certificate of an earlier domain does not count: until there is a new one, plain HTTP reports that instead of redirecting to a wrong one. */
const forgetOtherDomain = (domain: string) => `issued=${TLS_FOLDER}/${CERTIFICATE_FILES.issued}
if [ -e $issued ] && ! { ${isForDomain(`${TLS_FOLDER}/${CERTIFICATE_FILES.chain}`, domain)}; }; then rm -f $issued; fi`;

/** Shell; for an edge without a domain, when nginx already has other settings. */
export const removeCertificate = () =>
  `${removeTimer(CERTIFICATE_TIMER, [SCRIPT_FILE, ...certificateUnits(SCRIPT_FILE).map(({ path }) => path)])}
rm -rf ${PRIVATE_FOLDER} ${TLS_FOLDER}`;
