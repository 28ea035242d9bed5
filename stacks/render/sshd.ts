import { isIP } from "node:net";
import { mustMatch } from "./refuse.ts";

/** Where Debian's sshd reads it from, before its own settings: the first value of a keyword wins (sshd_config(5)). */
export const SSHD_FILE = "/etc/ssh/sshd_config.d/10-orbweaver.conf";

export interface SshdSettings {
  user: string;
  /** Where the other hosts answer SSH: a host of the fleet may be the way to the others. */
  others: readonly { address: string; port: number }[];
}

/**
 * Keys only; forwarded are connections to the edge on this host and to SSH of the other hosts. A deployment opens up to a few dozen connections
 * at once and keeps them; clients that do not log in are turned away beyond that.
 */
export function renderSshd({ user, others }: SshdSettings): string {
  const root = mustMatch("user", user, /^[a-z_][a-z0-9_-]{0,31}$/) === "root" ? "prohibit-password" : "no";
  const targets = [...EDGE, ...others.map(target).sort()];
  return `PermitRootLogin ${root}
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitEmptyPasswords no
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
`;
}

const EDGE = ["127.0.0.1:80", "127.0.0.1:443", "[::1]:80", "[::1]:443", "localhost:80", "localhost:443"];

function target({ address, port }: { address: string; port: number }): string {
  const host = mustMatch("others.address", address, /^[\w.:-]+$/);
  return `${isIP(host) === 6 ? `[${host}]` : host}:${mustMatch("others.port", String(port), /^\d{1,5}$/)}`;
}
