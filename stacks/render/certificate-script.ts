/** Keeps the certificate of an edge host up to date: a script run by a timer, and the folder that nginx reads. */
import { CERTIFICATE_PATH } from "../../services/core/protocol/certificate-paths.ts";
import { balancerAddress, domainName, mustMatch } from "./refuse.ts";

export interface CertificateScriptSettings {
  domain: string;
  /** `<address>:<port>` of the web UI at each balancer: the host's own first. */
  balancers: readonly string[];
  /** The only folder that nginx reads: certificate, key, and the file that marks them as present. */
  folder: string;
  /** For root only: the passphrase or the certificate given by hand, and the files being installed. */
  privateFolder: string;
  /** User and group of nginx: `10001:10001`. */
  owner: string;
  /** Shell; succeeds if nginx runs. */
  isRunning: string;
  /** Shell; succeeds if nginx accepts its settings with the files of the folder. */
  check: string;
  /** Shell; makes nginx use the new files without a gap. */
  reload: string;
}

/** Names in `folder`. */
export const CERTIFICATE_FILES = { chain: "current/chain.pem", key: "current/key.pem", issued: "issued" } as const;
/** Names in `privateFolder`. */
export const PRIVATE_FILES = { passphrase: "passphrase", given: "given.pem", state: "state.json" } as const;

const FETCH_SECONDS = 10;

/** Shell; succeeds if the certificate in this file is one of the domain. Both are words of the shell. Reads all that openssl prints: `grep -q` would end it early, which counts as a failure under `pipefail`. */
export const isForDomain = (chain: string, domain: string) =>
  `openssl x509 -in ${chain} -noout -checkhost ${domain} | grep 'does match' >/dev/null`;

/**
 * A bash script that installs the newest certificate and reloads nginx; without arguments it does nothing if nothing is new. With `placeholder`
 * it only creates missing files: a self-signed certificate, which nginx needs to start and never answers requests with.
 *
 * A certificate that does not match its key or the domain, or that nginx refuses, changes nothing; the reason is on stderr.
 */
export function renderCertificateScript(settings: CertificateScriptSettings): string {
  const path = (name: string, value: string) => mustMatch(name, value, /^\/[\w./-]+$/);
  return `#!/bin/bash
set -euo pipefail
umask 077
domain=${domainName(settings.domain)}
folder=${path("folder", settings.folder)}
private=${path("privateFolder", settings.privateFolder)}
owner=${mustMatch("owner", settings.owner, /^\w+:\w+$/)}
balancers=(${settings.balancers.map(balancerAddress).join(" ")})
is_running() { ${settings.isRunning}; }
check() { ${settings.check}; }
reload() { ${settings.reload}; }
${BODY}`;
}

const BODY = `fail() { printf '%s\\n' "$*" >&2; exit 1; }
# No curl: a minimal host has none.
ask() {
  timeout ${FETCH_SECONDS} bash -c 'exec 3<>"/dev/tcp/\${1%:*}/\${1##*:}" && printf "GET ${CERTIFICATE_PATH} HTTP/1.0\\r\\n\\r\\n" >&3 && cat <&3' ask "$1" 2>/dev/null |
    tr -d '\\r'
}
fetch() {
  local balancer
  for balancer in "\${balancers[@]}"; do
    # What came decides, not how the connection ended.
    ask "$balancer" >"$work/answer" || true
    grep -q '^HTTP/1.[01] 200' "$work/answer" && grep -q '^state {' "$work/answer" && return
  done
  return 1
}
pem() { sed -n "/^-----BEGIN $1-----\\$/,/^-----END $1-----\\$/p" "$2"; }
# Makes a folder beside the current one the current one, in one step.
switch_to() {
  ln -sfn "$1" "$folder/current.new"
  mv -fT "$folder/current.new" "$folder/current"
}
# Puts a chain and a key where nginx reads them; prints the new folder's name.
place() {
  local name=$(cat "$1" "$2" | sha256sum | cut -c 1-16)
  install -d -m 755 "$folder/$name"
  install -m 644 "$1" "$folder/$name/chain.pem"
  install -m 400 -o "\${owner%:*}" -g "\${owner#*:}" "$2" "$folder/$name/key.pem"
  printf '%s' "$name"
}
public_key() { openssl pkey -in "$1" -pubout 2>/dev/null; }
fits() {
  [ -s "$work/chain.pem" ] && [ -s "$work/key.pem" ] || return 1
  [ "$(openssl x509 -in "$work/chain.pem" -noout -pubkey 2>/dev/null)" = "$(public_key "$work/key.pem")" ] || return 1
  ${isForDomain('"$work/chain.pem"', '"$domain"')}
}
unpack() {
  if [ -e "$private/${PRIVATE_FILES.given}" ]; then
    pem CERTIFICATE "$private/${PRIVATE_FILES.given}" >"$work/chain.pem"
    openssl pkey -in "$private/${PRIVATE_FILES.given}" -out "$work/key.pem" 2>/dev/null || fail 'the private key of orbweaver:certificate cannot be read'
    return
  fi
  fetch || fail "no web UI answers at \${balancers[*]}: the certificate stays as it is"
  sed -n 's/^state //p' "$work/answer" >"$private/${PRIVATE_FILES.state}.new"
  mv -f "$private/${PRIVATE_FILES.state}.new" "$private/${PRIVATE_FILES.state}"
  pem CERTIFICATE "$work/answer" >"$work/chain.pem"
  pem 'ENCRYPTED PRIVATE KEY' "$work/answer" >"$work/sealed.pem"
  # Before the first certificate the files are missing.
  [ -s "$work/chain.pem" ] || exit 0
  openssl pkey -in "$work/sealed.pem" -passin "file:$private/${PRIVATE_FILES.passphrase}" -out "$work/key.pem" 2>/dev/null ||
    fail 'the private key cannot be decrypted: the secret of the stack has changed since the certificate was ordered'
}
placeholder() {
  [ -e "$folder/current/chain.pem" ] && return
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj '/CN=no certificate yet' \\
    -keyout "$work/key.pem" -out "$work/chain.pem" 2>/dev/null
  switch_to "$(place "$work/chain.pem" "$work/key.pem")"
}
install_certificate() {
  local before name
  unpack
  fits || fail "the certificate does not match its key or $domain: the previous one stays"
  before=$(readlink "$folder/current")
  name=$(place "$work/chain.pem" "$work/key.pem")
  if [ "$name" = "$before" ] && [ -e "$folder/issued" ]; then return; fi
  switch_to "$name"
  if is_running; then
    check || { switch_to "$before"; fail 'nginx refuses the certificate: the previous one stays'; }
    reload
  fi
  # Last: with this file, plain HTTP redirects to HTTPS. Written once: while it is missing, nginx answers 503.
  [ -e "$folder/issued" ] || install -m 644 /dev/null "$folder/issued"
  find "$folder" -mindepth 1 -maxdepth 1 -type d ! -name "$name" ! -name "$before" -exec rm -rf -- {} +
  printf 'installed the certificate of %s, good until %s\\n' "$domain" "$(openssl x509 -in "$work/chain.pem" -noout -enddate | cut -d = -f 2)"
}

install -d -m 755 "$folder"
install -d -m 700 "$private"
# One at a time: the timer, and a deployment.
exec 9>"$private/lock"
flock 9
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
placeholder
[ "\${1:-}" = placeholder ] || install_certificate
`;
