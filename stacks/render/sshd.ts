import { mustMatch } from "./refuse.ts";

/** Where Debian's sshd reads it from, before its own settings: the first value of a keyword wins (sshd_config(5)). */
export const SSHD_FILE = "/etc/ssh/sshd_config.d/10-orbweaver.conf";

/**
 * Keys only, nothing forwarded. A deployment opens up to a few dozen connections at once and keeps them; strangers who do not log in are
 * turned away beyond that.
 */
export function renderSshd({ user }: { user: string }): string {
  const root = mustMatch("user", user, /^[a-z_][a-z0-9_-]{0,31}$/) === "root" ? "prohibit-password" : "no";
  return `PermitRootLogin ${root}
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitEmptyPasswords no
X11Forwarding no
AllowAgentForwarding no
AllowTcpForwarding no
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
