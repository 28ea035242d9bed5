/** Containers that are hosts as one rents them: Debian with systemd and an SSH server, and nothing else. */
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type LabWork, run, succeeds, waitUntil } from "../command.ts";
import type { LabDocker } from "../docker/engine.ts";
import type { LabPlaces } from "../places.ts";
import { HOSTS, type LabHost, SITE_ADDRESS } from "./addresses.ts";
import { containerName, ensureContainer } from "./containers.ts";

const READY_SECONDS = 90;
/** Of one host; what the fleet's own limits must fit. */
const HOST_MEMORY = "4g";
const HOST_PROCESSES = "4096";

/**
 * What the provider of a host has done when one is ordered, with the owner's public key as $1 and a certificate to trust as $2; then init.
 * systemd needs its cgroups writable. Names are asked where nothing answers, at once: Docker's own server would pass a nested engine's
 * questions on to a public one.
 */
const START_HOST = `for m in $(awk '$3 ~ /^cgroup/ {print $2}' /proc/mounts); do mount -o remount,rw,bind $m; done
if [ ! -e /root/.ssh/authorized_keys ]; then
  ssh-keygen -A >/dev/null
  printf '%s\\n' "$2" >/usr/local/share/ca-certificates/orbweaver-lab.crt
  update-ca-certificates >/dev/null
  install -d -m 700 /root/.ssh
  printf '%s\\n' "$1" >/root/.ssh/authorized_keys
fi
echo "nameserver ${SITE_ADDRESS}" >/etc/resolv.conf
exec /sbin/init`;

/** `--privileged` fails where the machine itself lacks CAP_SYS_RESOURCE. */
const HOST_OPTIONS = [
  ...["--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE", "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"],
  ...["--security-opt", "systempaths=unconfined", "--device", "/dev/net/tun", "--cgroupns=private", "--tmpfs", "/run", "--tmpfs", "/tmp"],
  ...["--volume", "/var/lib/docker", "--memory", HOST_MEMORY, "--pids-limit", HOST_PROCESSES, "--entrypoint", "/bin/sh"],
];

export interface OperatorKey {
  privateKeyPath: string;
  /** Of the lab's hosts alone. */
  knownHostsPath: string;
}

/** Starts the three hosts and waits until each lets the operator's key in. Hosts that run are left alone. */
export async function ensureHosts(
  docker: LabDocker,
  places: LabPlaces,
  { image, certificatePath }: { image: string; certificatePath: string },
  work: LabWork,
): Promise<OperatorKey> {
  const key = await ensureKey(places, work.signal);
  work.say(`starting ${HOSTS.length} bare hosts: ${HOSTS.map(({ name, address }) => `${name} ${address}`).join(", ")}`);
  await Promise.all(HOSTS.map((host) => ensureHost(docker, places, { host, image, certificatePath, key }, work)));
  return key;
}

/** The command that runs something on a host by SSH; without an argument it opens a shell. */
export function sshCommand(
  { enter }: LabDocker,
  { privateKeyPath, knownHostsPath }: OperatorKey,
  { address }: LabHost,
  args: readonly string[] = [],
): string[] {
  const options = [
    "BatchMode=yes",
    "ConnectTimeout=10",
    "StrictHostKeyChecking=accept-new",
    `UserKnownHostsFile=${knownHostsPath}`,
    "LogLevel=ERROR",
  ];
  return [...enter, "ssh", "-i", privateKeyPath, ...options.flatMap((option) => ["-o", option]), `root@${address}`, ...args];
}

export const operatorKey = ({ state }: LabPlaces): OperatorKey => ({
  privateKeyPath: join(state, "operator_ed25519"),
  knownHostsPath: join(state, "known_hosts"),
});

async function ensureKey(places: LabPlaces, signal: AbortSignal | undefined): Promise<OperatorKey> {
  const key = operatorKey(places);
  await mkdir(places.state, { recursive: true, mode: 0o700 });
  if (!existsSync(key.privateKeyPath)) {
    await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "orbweaver-lab", "-f", key.privateKeyPath], { signal });
  }
  return key;
}

async function ensureHost(
  docker: LabDocker,
  places: LabPlaces,
  { host, image, certificatePath, key }: { host: LabHost; image: string; certificatePath: string; key: OperatorKey },
  { signal }: LabWork,
): Promise<void> {
  const given = [await readFile(`${key.privateKeyPath}.pub`, "utf8"), await readFile(certificatePath, "utf8")].map((text) => text.trim());
  await ensureContainer(docker, places, { ...host, image, options: HOST_OPTIONS, command: ["-c", START_HOST, "sh", ...given] }, { signal });
  const container = containerName(places, host.name);
  await waitUntil(`${host.name} answers SSH`, () => succeeds(sshCommand(docker, key, host, ["true"]), { signal, timeoutSeconds: 15 }), {
    seconds: READY_SECONDS,
    signal,
    evidence: async () => `Its last lines:\n${await docker.docker(["logs", "--tail", "5", container])}\n`,
  });
}
