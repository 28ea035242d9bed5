import { isIP } from "node:net";
import { mustMatch } from "./refuse.ts";

/** The path that Debian's sshd reads before its own settings: the first value of a keyword is used (sshd_config(5)). */
export const SSHD_FILE = "/etc/ssh/sshd_config.d/10-orbweaver.conf";

export interface SshdSettings {
  user: string;
  /** All users that may log in, `user` included; undefined: the host's own settings decide. */
  logins: readonly string[] | undefined;
  /** Where the other hosts answer SSH: a host of the fleet may be a jump host for the others. */
  others: readonly { address: string; port: number }[];
}

const USER = /^[a-z_][a-z0-9_-]{0,31}$/;
/**
 * Debian 12's OpenSSH does not know newer algorithms. So this removes the weak key exchanges instead: NIST's curves, SHA-1, and groups of 2,048
 * bits. Ciphers and MACs are the same in both.
 */
const ALGORITHMS = `KexAlgorithms -ecdh-sha2-*,diffie-hellman-group1-*,diffie-hellman-group14-*,diffie-hellman-group-exchange-*
Ciphers aes256-gcm@openssh.com,aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr
MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com
HostKeyAlgorithms ssh-ed25519,rsa-sha2-512,rsa-sha2-256
RequiredRSASize 2048
`;

/**
 * Keys only. Forwarding is allowed to the edge on this host and to SSH of the other hosts. A deployment opens up to a few dozen connections at
 * once and keeps them; further clients without a login are refused.
 */
export function renderSshd({ user, logins, others }: SshdSettings): string {
  const root = mustMatch("user", user, USER) === "root" ? "prohibit-password" : "no";
  const allowed = logins?.map((login) => mustMatch("logins", login, USER)).toSorted();
  const targets = [...EDGE, ...others.map(target).sort()];
  return `${allowed === undefined ? "" : `AllowUsers ${[...new Set(allowed)].join(" ")}\n`}PermitRootLogin ${root}
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitEmptyPasswords no
HostbasedAuthentication no
PermitUserEnvironment no
X11Forwarding no
AllowAgentForwarding no
AllowTcpForwarding local
PermitOpen ${targets.join(" ")}
AllowStreamLocalForwarding no
PermitTunnel no
GatewayPorts no
LoginGraceTime 30
MaxAuthTries 4
MaxSessions 64
MaxStartups 64:30:128
ClientAliveInterval 30
ClientAliveCountMax 4
LogLevel VERBOSE
${ALGORITHMS}`;
}

const EDGE = ["127.0.0.1:80", "127.0.0.1:443", "[::1]:80", "[::1]:443", "localhost:80", "localhost:443"];

function target({ address, port }: { address: string; port: number }): string {
  const host = mustMatch("others.address", address, /^[\w.:-]+$/);
  return `${isIP(host) === 6 ? `[${host}]` : host}:${mustMatch("others.port", String(port), /^\d{1,5}$/)}`;
}
