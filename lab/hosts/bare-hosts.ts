/** Containers that act as rented hosts: Debian with systemd and an SSH server, and nothing else. */
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { shellWord } from "../../stacks/render/host-script.ts";
import { type LabWork, run, succeeds, waitUntil } from "../command.ts";
import type { LabDocker } from "../docker/engine.ts";
import type { LabPaths } from "../paths.ts";
import { SITE_ADDRESS } from "./addresses.ts";
import { containerName, ensureContainer } from "./containers.ts";
import type { LabHost } from "./fleet-hosts.ts";
import { hostKind } from "./kinds.ts";
import { joinPrivateNetwork } from "./networks.ts";

const READY_SECONDS = 300;
/** Concurrent boots that two cores can handle. */
const HOSTS_AT_ONCE = 4;
/** Memory of one host; the fleet's own limits must fit. */
const HOST_MEMORY = "4g";
const HOST_PROCESSES = "4096";

/**
 * The first-boot script of a host's provider, with the owner's public key as $1 and a certificate to trust as $2; then init.
 * systemd needs its cgroups writable. DNS queries fail immediately: Docker's own server would forward a nested engine's
 * queries to a public one.
 */
const startScript = (order: string) => `for m in $(awk '$3 ~ /^cgroup/ {print $2}' /proc/mounts); do mount -o remount,rw,bind $m; done
if [ ! -e /usr/local/share/ca-certificates/orbweaver-lab.crt ]; then
  printf '%s\\n' "$2" >/usr/local/share/ca-certificates/orbweaver-lab.crt
  update-ca-certificates >/dev/null
${order}
fi
echo "nameserver ${SITE_ADDRESS}" >/etc/resolv.conf
exec /sbin/init`;

/** `--privileged` fails where the machine itself lacks CAP_SYS_RESOURCE. */
const HOST_OPTIONS = [
  ...["--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE", "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"],
  ...["--security-opt", "systempaths=unconfined", "--device", "/dev/net/tun", "--cgroupns=private", "--tmpfs", "/run", "--tmpfs", "/tmp"],
  ...["--memory", HOST_MEMORY, "--pids-limit", HOST_PROCESSES, "--entrypoint", "/bin/sh"],
];

export interface OperatorKey {
  privateKeyPath: string;
  /** Only the lab's hosts. */
  knownHostsPath: string;
}

/** Starts hosts and waits until each accepts the operator's key. Running hosts are left unchanged. */
export async function ensureHosts(
  docker: LabDocker,
  paths: LabPaths,
  { hosts, images, certificatePath }: { hosts: readonly LabHost[]; images: Record<string, string>; certificatePath: string },
  work: LabWork,
): Promise<OperatorKey> {
  const key = await ensureKey(paths, work.signal);
  const list = hosts.map(({ name, address, kind }) => `${name} ${address} (${hostKind(kind).title})`);
  work.say(`starting ${hosts.length} bare hosts: ${list.join(", ")}`);
  const start = (host: LabHost) =>
    ensureHost(docker, paths, { host, image: images[hostKind(host.kind).image] ?? "", certificatePath, key }, work);
  for (let first = 0; first < hosts.length; first += HOSTS_AT_ONCE) await Promise.all(hosts.slice(first, first + HOSTS_AT_ONCE).map(start));
  return key;
}

/** The command that runs something on a host by SSH as root; without an argument it opens a shell. */
export function sshCommand(docker: LabDocker, key: OperatorKey, host: LabHost, args: readonly string[] = []): string[] {
  if (hostKind(host.kind).user === "root") return loginCommand(docker, key, host, args);
  const become = args.length === 0 ? ["-t", "sudo", "-n", "-i"] : ["sudo", "-n", "sh", "-c", shellWord(args.join(" "))];
  return loginCommand(docker, key, host, become);
}

/** The command that runs a program as the login user. */
function loginCommand(
  { enter }: LabDocker,
  { privateKeyPath, knownHostsPath }: OperatorKey,
  { address, kind }: LabHost,
  args: readonly string[],
): string[] {
  const { user, port } = hostKind(kind);
  const options = ["BatchMode=yes", "ConnectTimeout=10", "StrictHostKeyChecking=accept-new", `UserKnownHostsFile=${knownHostsPath}`];
  const settings = [...options, "LogLevel=ERROR", `Port=${port}`].flatMap((option) => ["-o", option]);
  return [...enter, "ssh", "-i", privateKeyPath, ...settings, `${user}@${address}`, ...args];
}

export const operatorKey = ({ state }: LabPaths): OperatorKey => ({
  privateKeyPath: join(state, "operator_ed25519"),
  knownHostsPath: join(state, "known_hosts"),
});

async function ensureKey(paths: LabPaths, signal: AbortSignal | undefined): Promise<OperatorKey> {
  const key = operatorKey(paths);
  await mkdir(paths.state, { recursive: true, mode: 0o700 });
  if (!existsSync(key.privateKeyPath)) {
    await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "orbweaver-lab", "-f", key.privateKeyPath], { signal });
  }
  return key;
}

async function ensureHost(
  docker: LabDocker,
  paths: LabPaths,
  { host, image, certificatePath, key }: { host: LabHost; image: string; certificatePath: string; key: OperatorKey },
  { signal }: LabWork,
): Promise<void> {
  const given = [await readFile(`${key.privateKeyPath}.pub`, "utf8"), await readFile(certificatePath, "utf8")].map((text) => text.trim());
  const { order, dockerDisk, privateNetwork, onceUp } = hostKind(host.kind);
  const container = { ...host, image, options: [...HOST_OPTIONS, ...dockerDisk], command: ["-c", startScript(order), "sh", ...given] };
  const isNew = await ensureContainer(docker, paths, container, { signal });
  // An earlier host of this name had another key.
  if (isNew) await succeeds(["ssh-keygen", "-R", host.address, "-f", key.knownHostsPath], { signal });
  if (isNew && privateNetwork !== undefined) await joinPrivateNetwork(docker, paths, { host: host.name, range: privateNetwork, signal });
  await waitUntil(`${host.name} answers SSH`, () => succeeds(loginCommand(docker, key, host, ["true"]), { signal, timeoutSeconds: 15 }), {
    seconds: READY_SECONDS,
    signal,
    evidence: async () => `Its last lines:\n${await docker.docker(["logs", "--tail", "5", containerName(paths, host.name)])}\n`,
  });
  if (isNew && onceUp !== undefined) await run(sshCommand(docker, key, host, [onceUp]), { signal });
}
