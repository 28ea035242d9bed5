/** Kinds of hosts, as people rent them: what a provider delivers, and what its owner has done since. */
import type { HostImage } from "../images/host-recipes.ts";

export interface HostKind {
  /** As docs/fleet.md has it. */
  title: string;
  image: HostImage;
  /** Whom the operator's key lets in; root if there is none. */
  user?: string;
  /** Where sshd listens; 22 if there is none. */
  port?: number;
  /** Shell, as root, before the host starts for the first time. `$1` is the operator's public key. */
  order?: string;
  /** More options of `docker run`. */
  options?: readonly string[];
}

const ROOT_KEY = `ssh-keygen -A >/dev/null
install -d -m 700 /root/.ssh
printf '%s\n' "$1" >/root/.ssh/authorized_keys`;

/** A unit that runs while the host boots. */
const unit = (name: string, lines: string) => `cat >/etc/systemd/system/${name}.service <<'END_OF_UNIT'
[Unit]
DefaultDependencies=yes
${lines}
[Install]
WantedBy=multi-user.target
END_OF_UNIT
systemctl enable --quiet ${name}.service`;

/** What Debian's cloud images do at first boot: the user `debian` with sudo, root refused by a sentence, and updates that take a minute. */
const cloudInit = (seconds: number) => `install -d -m 755 /var/lib/cloud/seed/nocloud
printf 'instance-id: lab\npublic-keys:\n  - %s\n' "$1" >/var/lib/cloud/seed/nocloud/meta-data
printf 'version: 1\nconfig: disabled\n' >/var/lib/cloud/seed/nocloud/network-config
cat >/var/lib/cloud/seed/nocloud/user-data <<'END_OF_DATA'
#cloud-config
network: { config: disabled }
runcmd:
  - [ sleep, "${seconds}" ]
END_OF_DATA`;

/** Debian's own first update of the package lists, and an upgrade after it: each holds its lock for a while. */
const APT_BUSY = unit(
  "apt-busy",
  `[Service]
Type=simple
ExecStart=/bin/sh -c 'apt-get update -o APT::Update::Pre-Invoke::="sleep 40"; apt-get install -y -o DPkg::Pre-Invoke::="sleep 20" less'`,
);

export const HOST_KINDS = {
  debian12: { title: "Debian 12, root by key", image: "host-bookworm" },
  debian13: { title: "Debian 13, root by key", image: "host-trixie" },
  withoutNftables: { title: "Debian 13 without the package nftables", image: "host-without-nftables" },
  cloud: {
    title: "Debian 13 as a cloud image: the user debian with sudo, cloud-init still at work",
    image: "host-cloud",
    user: "debian",
    order: cloudInit(30),
  },
  aptBusy: {
    title: "Debian 13 whose own first update holds apt's locks for a minute",
    image: "host-trixie",
    order: `${ROOT_KEY}\n${APT_BUSY}`,
  },
} as const satisfies Record<string, HostKind>;
export type HostKindName = keyof typeof HOST_KINDS;

export const hostKind = (name: HostKindName): Required<Pick<HostKind, "user" | "port" | "order">> & HostKind => ({
  user: "root",
  port: 22,
  order: ROOT_KEY,
  ...HOST_KINDS[name],
});
