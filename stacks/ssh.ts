/** How the operator's own `ssh` connects to a host, for scripts, for Docker's connection and for commands. */
import { jumpOf } from "./config/jump-host.ts";
import type { Host } from "./config/schema.ts";
import { shellWord } from "./render/host-script.ts";

/** The connection settings of a host. */
export type SshTarget = Pick<Host, "name" | "address" | "ssh">;

/** Connection attempts, one a second. */
const CONNECTION_ATTEMPTS = 3;
const CONNECT_SECONDS = 10;
/** A host that sends nothing for a minute is gone. */
const ALIVE = { intervalSeconds: 10, count: 6 };

/** `["-o", "Name=value", …]` */
const optionWords = (options: Record<string, string | number>) =>
  Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);

/** The value of an option that is a path: ssh splits other text at spaces. */
const sshPath = (path: string) => (/^[\w~/.%@+:,-]+$/.test(path) ? path : `"${path}"`);

/**
 * Options of ssh(1) for a host whose key is known. The private key is the only local file that they name, so that two operators with one stack
 * config send the same text.
 *
 * @param hostKey such as `ssh-ed25519 AAAA…`; no other key is accepted.
 */
export const sshOptions = (target: SshTarget, hostKey: string): string[] => [
  ...connectionOptions(target),
  ...optionWords({
    StrictHostKeyChecking: "yes",
    // Needs OpenSSH 8.5. /bin/echo is on Debian and on macOS.
    KnownHostsCommand: `/bin/echo ${target.name} ${hostKey}`,
    UserKnownHostsFile: "/dev/null",
    GlobalKnownHostsFile: "/dev/null",
  }),
];

/** Options for the first contact with a host: its key is accepted, and written to `knownHostsFile` under the host's name. */
export const firstContactOptions = (target: SshTarget, knownHostsFile: string): string[] => [
  ...connectionOptions(target),
  ...optionWords({
    StrictHostKeyChecking: "accept-new",
    HashKnownHosts: "no",
    UserKnownHostsFile: sshPath(knownHostsFile),
    GlobalKnownHostsFile: "/dev/null",
  }),
];

/** `root@203.0.113.11` */
export const sshDestination = ({ address, ssh }: SshTarget): string => `${ssh.user}@${address}`;

/** A shell command that runs `command` on a host, for a shell on the operator's machine. */
export const sshCommandText = (target: SshTarget, hostKey: string, command: string): string =>
  ["ssh", ...sshOptions(target, hostKey), sshDestination(target), command].map(shellWord).join(" ");

/** A command that becomes root on the host, if the login is not root already. */
export const asRoot = ({ ssh }: SshTarget, command: string): string => (ssh.user === "root" ? command : `sudo -n ${command}`);

function connectionOptions({ name, ssh: { port, privateKeyPath, proxy } }: SshTarget): string[] {
  return [
    ...optionWords({
      BatchMode: "yes",
      LogLevel: "ERROR",
      ConnectTimeout: CONNECT_SECONDS,
      ConnectionAttempts: CONNECTION_ATTEMPTS,
      ServerAliveInterval: ALIVE.intervalSeconds,
      ServerAliveCountMax: ALIVE.count,
      HostKeyAlgorithms: "ssh-ed25519",
      // Keys belong to the host's name, so that another address or port is the same host.
      HostKeyAlias: name,
      Port: port,
      ...keyOptions(privateKeyPath),
    }),
    ...(proxy === undefined ? [] : ["-o", `ProxyCommand=${proxyCommand(proxy, privateKeyPath)}`]),
  ];
}

/** Other keys of an agent would use up the login attempts that a host allows. */
const keyOptions = (path: string | undefined): Record<string, string> =>
  path === undefined ? {} : { IdentityFile: sshPath(path), IdentitiesOnly: "yes" };

/** ssh's own ProxyJump would not pass the private key on. The jump host's key is in the operator's own known_hosts. */
function proxyCommand(proxy: string, privateKeyPath: string | undefined): string {
  const { user, address, port } = jumpOf(proxy);
  const options = { BatchMode: "yes", LogLevel: "ERROR", StrictHostKeyChecking: "accept-new", ConnectTimeout: CONNECT_SECONDS, Port: port };
  const target = `${user === "" ? "" : `${user}@`}${address}`;
  return ["ssh", ...optionWords({ ...options, ...keyOptions(privateKeyPath) }), "-W", "[%h]:%p", target].map(shellWord).join(" ");
}
