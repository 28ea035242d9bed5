/** What makes a bare Debian host one of the fleet, up to the mesh: packages, files, the firewall, the host's key for the mesh. */
import { type HostFile, type HostScript, shellWord } from "./host-script.ts";

/** From Debian's own archive, on every host. */
export const HOST_PACKAGES = ["ca-certificates", "docker.io", "nftables", "systemd-timesyncd", "tinc", "unattended-upgrades"] as const;

export interface BootstrapSettings {
  /** Its name in the mesh. */
  nodeName: string;
  /** The mesh's name: `/etc/tinc/<mesh>`. */
  mesh: string;
  /** Written before Docker is installed, so that it never runs without them. */
  files: HostFile[];
  /** What apt reads instead of the host's own sources; undefined: those. */
  aptSource?: string | undefined;
}

/**
 * Runs on a bare host and again on a finished one. Docker stays masked until the mesh is up: a swarm that starts without its address
 * stays in error.
 *
 * Prints one line: `{"publicKey": …}`, the host's public key in the mesh. The private key never leaves the host.
 */
export function bootstrapScript({ nodeName, mesh, files, aptSource }: BootstrapSettings): HostScript {
  return {
    timeoutSeconds: 900,
    before: aptSource === undefined ? "" : replaceAptSources(aptSource),
    files,
    after: [installPackages, startServices, makeKey(mesh, nodeName)].join("\n"),
  };
}

const replaceAptSources = (source: string) => `mkdir -p /etc/apt/sources.list.d
printf '%s\\n' ${shellWord(source)} >/etc/apt/sources.list.d/orbweaver.list
[ ! -s /etc/apt/sources.list ] || : >/etc/apt/sources.list
rm -f /etc/apt/sources.list.d/debian.sources`;

const installPackages = `missing=()
for package in ${HOST_PACKAGES.join(" ")}; do
  [ "$(dpkg-query -W -f '\${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ \${#missing[@]} -gt 0 ]; then
  [ -x /usr/sbin/dockerd ] || systemctl mask --quiet docker.service docker.socket
  apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 update -q </dev/null >&2
  apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 install -q -y --no-install-recommends "\${missing[@]}" </dev/null >&2
fi`;

const startServices = `systemctl daemon-reload
sysctl --quiet --system
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
  tincd -n ${mesh} -K4096 </dev/null >&2
fi
chmod 600 ${folder}/rsa_key.priv
openssl rsa -in ${folder}/rsa_key.priv -RSAPublicKey_out 2>/dev/null | awk 'BEGIN {printf "{\\"publicKey\\":\\""} {printf "%s\\\\n", $0} END {print "\\"}"}'`;
};
