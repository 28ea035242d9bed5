/** Prepares a bare Debian host for the fleet, up to the mesh: packages, files, the firewall, the host's key for the mesh. */

import { type HostCheck, type HostFile, type HostScript, shellWord } from "./host-script.ts";
import { KERNEL_SYSCTL, SYSCTL_CHECK } from "./sysctl.ts";

/** From Debian's own archive, on every host. */
export const HOST_PACKAGES = [
  "ca-certificates",
  "docker.io",
  "iputils-ping",
  "jq",
  "nftables",
  "systemd-timesyncd",
  "tinc",
  "unattended-upgrades",
] as const;

/** The program `docker`, in archives that have it as a separate package (since Debian 13); `docker.io` only recommends it. */
export const DOCKER_CLIENT_PACKAGE = "docker-cli";

/** The copies of files that a host had before it joined the fleet, each under its own path. */
export const EARLIER_FILES = "/etc/orbweaver/before";

/** In seconds: a first boot installs its owner's packages and Debian's updates. */
const CLOUD_INIT_SECONDS = 600;
const APT_LOCK_SECONDS = 300;

export interface BootstrapSettings {
  /** Its name in the mesh. */
  nodeName: string;
  /** The mesh's name: `/etc/tinc/<mesh>`. */
  mesh: string;
  /** The SSH login; may use Docker. */
  user: string;
  /** Written before Docker is installed, so that it never runs without them. */
  files: HostFile[];
  /** The package source that apt uses instead of the host's own; undefined: the host's own. */
  aptSource?: string | undefined;
}

/**
 * Runs on a bare host and again on a finished one. Docker stays masked until the mesh is up: a swarm that starts without its address
 * stays in error. Replaced files of the host are copied once to `EARLIER_FILES`.
 *
 * Prints one line: `{"publicKey": …}`, the host's public key in the mesh. The private key never leaves the host.
 */
export function bootstrapScript({ nodeName, mesh, user, files, aptSource }: BootstrapSettings): HostScript {
  const replaced = [...files.map(({ path }) => path), ...(aptSource === undefined ? [] : APT_FILES)];
  return {
    timeoutSeconds: 1_500,
    before: [WAIT_FOR_CLOUD_INIT, keepFiles(replaced), ...(aptSource === undefined ? [] : [replaceAptSources(aptSource)])].join("\n"),
    files,
    after: [
      installPackages(mesh),
      startServices,
      ...(user === "root" ? [] : [`usermod --append --groups docker ${user}`]),
      makeKey(mesh, nodeName),
    ].join("\n"),
    madeFiles: [`/etc/tinc/${mesh}/rsa_key.priv`],
    checks: CHECKS,
  };
}

const expectPrinted = (what: string, command: string, expected: string): HostCheck => ({ what, command, expected });

/** A host may have Docker's own packages: so the check is for the programs. */
const CHECKS: HostCheck[] = [
  ...HOST_PACKAGES.filter((name) => name !== "docker.io").map((name) =>
    expectPrinted(`the package ${name}`, `dpkg-query -W -f '\${db:Status-Status}' ${name}`, "installed"),
  ),
  ...["docker", "dockerd"].map((name) => expectPrinted(`the program ${name}`, `command -v ${name} | sed 's/.*/there/'`, "there")),
  ...["nftables.service", "systemd-timesyncd.service"].map((unit) =>
    expectPrinted(`the unit ${unit}`, `echo $(systemctl is-enabled ${unit})`, "enabled"),
  ),
  { what: "the firewall's table orbweaver", command: "nft -s list table inet orbweaver" },
  expectPrinted("net.ipv4.ip_unprivileged_port_start", "sysctl -n net.ipv4.ip_unprivileged_port_start", "80"),
  { what: "the kernel's settings", command: SYSCTL_CHECK },
  {
    what: "sshd's settings",
    command:
      "sshd -T | grep -E '^(permit|password|kbdinteractive|x11forwarding|allow|gatewayports|max|clientalive|loglevel|logingrace|kex|ciphers|macs|hostkeyalg|requiredrsa)' | sort",
  },
];

/** cloud-init may end with an error of its owner's commands, which does not concern the fleet. */
const WAIT_FOR_CLOUD_INIT = `if command -v cloud-init >/dev/null; then
  code=0
  timeout ${CLOUD_INIT_SECONDS} cloud-init status --wait </dev/null >/dev/null 2>&1 || code=$?
  [ "$code" -ne 124 ] || fail "cloud-init has not finished after ${CLOUD_INIT_SECONDS / 60} minutes. Run there: cloud-init status --long"
fi`;

const keepFiles = (paths: readonly string[]) => `if [ ! -d ${EARLIER_FILES} ]; then
  rm -rf ${EARLIER_FILES}.new
  mkdir -p ${EARLIER_FILES}.new
  for path in ${paths.map(shellWord).join(" ")}; do
    if [ -e "$path" ]; then
      mkdir -p -- "${EARLIER_FILES}.new$(dirname -- "$path")"
      cp --archive -- "$path" "${EARLIER_FILES}.new$path"
    fi
  done
  mv ${EARLIER_FILES}.new ${EARLIER_FILES}
fi`;

const APT_FILES = ["/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources"];

const replaceAptSources = (source: string) => `mkdir -p /etc/apt/sources.list.d
printf '%s\\n' ${shellWord(source)} >/etc/apt/sources.list.d/orbweaver.list
[ ! -s /etc/apt/sources.list ] || : >/etc/apt/sources.list
rm -f /etc/apt/sources.list.d/debian.sources`;

/**
 * DPkg::Lock::Timeout covers dpkg's locks, but not the lock of the package lists, which the first update of a new host holds. Existing
 * configuration files stay: ours are written first.
 */
const APT_GET = `apt_get() {
  local deadline=$((SECONDS + ${APT_LOCK_SECONDS})) log
  log=$(mktemp)
  until apt-get -q -o DPkg::Lock::Timeout=${APT_LOCK_SECONDS} -o Acquire::Retries=5 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null >"$log" 2>&1; do
    if grep -q '^E: Could not get lock' "$log" && [ "$SECONDS" -lt "$deadline" ]; then
      sleep 2
      continue
    fi
    fail "apt-get failed: $(grep -m 5 '^E: ' "$log" || tail -n 5 "$log")"
  done
  rm -f -- "$log"
}`;

/** A host with Docker's own packages keeps them: Debian's would remove them. */
const installPackages = (mesh: string) => `${APT_GET}
is_installed() { [ "$(dpkg-query -W -f '\${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
missing=()
for package in ${HOST_PACKAGES.join(" ")}; do
  if [ "$package" = docker.io ] && command -v dockerd >/dev/null; then continue; fi
  is_installed "$package" || missing+=("$package")
done
if [ ! -s /etc/tinc/${mesh}/rsa_key.priv ]; then
  if command -v dockerd >/dev/null; then systemctl stop docker.service docker.socket </dev/null; fi
  systemctl mask --quiet docker.service docker.socket 2>/dev/null
fi
if [ \${#missing[@]} -gt 0 ] || ! command -v docker >/dev/null; then
  apt_get update
  if ! command -v docker >/dev/null && apt-cache show ${DOCKER_CLIENT_PACKAGE} >/dev/null 2>&1; then missing+=(${DOCKER_CLIENT_PACKAGE}); fi
  apt_get install -y --no-install-recommends "\${missing[@]}"
fi`;

const startServices = `systemctl daemon-reload
if systemd-detect-virt --quiet --container; then rm -f ${KERNEL_SYSCTL.link}; else ln -sf ${KERNEL_SYSCTL.file} ${KERNEL_SYSCTL.link}; fi
sysctl --quiet --ignore --system
systemctl enable --quiet nftables.service systemd-timesyncd.service
nft -f /etc/nftables.conf
systemctl start systemd-timesyncd.service || true
sshd -t && systemctl reload ssh.service
# Docker reads its settings when it starts.
if systemctl is-active --quiet docker.service && [ /etc/docker/daemon.json -nt /run/docker.pid ]; then systemctl restart docker.service </dev/null; fi`;

const makeKey = (mesh: string, nodeName: string) => {
  const folder = `/etc/tinc/${mesh}`;
  return `mkdir -p ${folder}/hosts
if [ ! -s ${folder}/rsa_key.priv ]; then
  # tinc asks where to write; empty answers take what it proposes.
  [ -s ${folder}/tinc.conf ] || printf 'Name = %s\\n' ${nodeName} >${folder}/tinc.conf
  tincd -n ${mesh} -K4096 </dev/null >/dev/null 2>&1 || fail "tincd could not make the host's key for the mesh"
fi
chmod 600 ${folder}/rsa_key.priv
openssl rsa -in ${folder}/rsa_key.priv -RSAPublicKey_out 2>/dev/null | awk 'BEGIN {printf "{\\"publicKey\\":\\""} {printf "%s\\\\n", $0} END {print "\\"}"}'`;
};
