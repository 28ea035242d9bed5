/**
 * Kinds of rented hosts: what a provider delivers, and what the owner has changed since. Each can join a fleet, or is refused with a
 * message: docs/fleet.md has this table.
 */
import type { HostImage } from "./recipes.ts";

export interface HostKind {
  /** As docs/fleet.md has it. */
  title: string;
  image: HostImage;
  /** The user that the operator's key opens; default: root. */
  user?: string;
  /** The port of sshd; default: 22. */
  port?: number;
  /** Shell, as root, before the host starts for the first time. `$1` is the operator's public key. */
  order?: string;
  /** Shell, as root, once it answers SSH; it may leave processes behind. */
  onceUp?: string;
  /** Shell that succeeds while the host is busy and delays bootstrap; then a file `READY_FILE` ends the work. */
  keepsWaiting?: string;
  /** The range of a private network that it has in addition to the public one. */
  privateNetwork?: string;
  /** The provider lets only one other host of the lab, of this kind, reach its SSH. */
  jumpHost?: string;
  /** The SSH user in the stack config, if it is not `user`. */
  configuredUser?: string;
  /** Options of `docker run` for Docker's data directory; default: a volume. */
  dockerDisk?: readonly string[];
  /** Why preflight refuses it, `…` for parts that differ by host; absent: it can join a fleet. */
  refusal?: string;
}

const LET_ROOT_IN = `ssh-keygen -A >/dev/null
install -d -m 700 /root/.ssh
printf '%s\\n' "$1" >/root/.ssh/authorized_keys`;

/** The actions of Debian's cloud images at first boot: the user `debian` with sudo, root refused with a message, then the order's commands. */
const cloudInit = (order: string) => `install -d -m 755 /var/lib/cloud/seed/nocloud
cd /var/lib/cloud/seed/nocloud
printf 'instance-id: lab\\npublic-keys:\\n  - %s\\n' "$1" >meta-data
printf 'version: 1\\nconfig: disabled\\n' >network-config
printf '#cloud-config\\n${order}\\n' >user-data`;

/** Created when a busy host may become idle. */
export const READY_FILE = "/run/ready";
const UNTIL_READY = `timeout 300 sh -c "until [ -e ${READY_FILE} ]; do sleep 0.2; done"`;

/** Debian's own first update of the package lists, and an upgrade after it; each holds its lock. */
const APT_BUSY = `cat >/run/busy <<'END_OF_SCRIPT'
apt-get update -o APT::Update::Pre-Invoke::='${UNTIL_READY}'
DEBIAN_FRONTEND=noninteractive apt-get install -y -o DPkg::Pre-Invoke::='sleep 10' sudo
END_OF_SCRIPT
systemd-run --quiet --unit apt-busy sh /run/busy
until pgrep -x timeout >/dev/null; do sleep 0.2; done`;

/** A container of the owner. */
const RUN_A_SHOP = `tar -C / -ch usr/bin/sleep lib64 usr/lib/x86_64-linux-gnu/libc.so.6 2>/dev/null | docker import - shop:1 >/dev/null
docker run --detach --name shop --network none shop:1 /usr/bin/sleep infinity >/dev/null`;

const KINDS = {
  debian13: { title: "Debian 13, root by key", image: "host-trixie" },
  debian12: { title: "Debian 12, root by key", image: "host-bookworm" },
  withoutNftables: { title: "Debian 13 without the package nftables", image: "host-without-nftables" },
  sudoUser: { title: "Debian 13 as a cloud image: the user `debian` with sudo", image: "host-cloud", user: "debian", order: cloudInit("") },
  cloud: {
    title: "The same, with cloud-init still at work",
    image: "host-cloud",
    user: "debian",
    order: cloudInit(`runcmd: [[timeout, "300", sh, -c, "until [ -e ${READY_FILE} ]; do sleep 0.2; done"]]`),
    keepsWaiting: "pgrep -f '[c]loud-init status --wait'",
  },
  aptBusy: {
    title: "Debian 13 whose own first update holds apt's locks",
    image: "host-trixie",
    onceUp: APT_BUSY,
    keepsWaiting: "grep -qs '^E: Could not get lock' /tmp/tmp.*",
  },
  otherPort: {
    title: "SSH on another port",
    image: "host-trixie",
    port: 2_222,
    order: `${LET_ROOT_IN}\necho 'Port 2222' >/etc/ssh/sshd_config.d/port.conf`,
  },
  behindJumpHost: { title: "SSH through a jump host only", image: "host-trixie", jumpHost: "debian13" },
  privateNetwork: { title: "A private network beside the public one", image: "host-trixie", privateNetwork: "10.55.0.0/24" },
  dockerIdle: { title: "Docker's own packages (docker-ce), without containers", image: "host-docker-ce" },
  rootRefused: {
    title: "Debian 13 as a cloud image, and the SSH user root",
    image: "host-cloud",
    user: "debian",
    configuredUser: "root",
    order: cloudInit(""),
    refusal: "it lets in debian rather than root: set user: debian in orbweaver:ssh, or in ssh of this host",
  },
  withoutSudo: {
    title: "A user without sudo",
    image: "host-trixie",
    user: "deploy",
    order: `${LET_ROOT_IN}\nuseradd --create-home --shell /bin/bash deploy\nsu deploy -c 'install -d -m 700 ~/.ssh'\ncp /root/.ssh/authorized_keys /home/deploy/.ssh/\nchown deploy: /home/deploy/.ssh/authorized_keys`,
    refusal: "the user deploy may not become root there without a password: install sudo and write …, or set the SSH user to root",
  },
  dockerInUse: {
    title: "Docker with containers of the owner's",
    image: "host-docker",
    onceUp: RUN_A_SHOP,
    refusal:
      "its Docker has containers that are not of this fleet (shop), and the fleet needs a Docker of its own: take another host, or remove them …",
  },
  ufw: {
    title: "ufw active",
    image: "host-ufw",
    refusal:
      'ufw is active there and would drop what the hosts send each other: run "ufw disable" there, the fleet brings a firewall of its own',
  },
  littleDisk: {
    title: "2 GB of disk for Docker",
    image: "host-trixie",
    dockerDisk: ["--tmpfs", "/var/lib/docker:size=2g"],
    refusal: "it has … MiB of free disk for / or /var/lib/docker: packages and images need 6000 MiB",
  },
  clockBehind: {
    title: "A clock that is two hours behind",
    image: "host-faketime",
    order: `${LET_ROOT_IN}\nprintf 'LD_PRELOAD=%s\\nFAKETIME=-2h\\n' "$(ls /usr/lib/*/faketime/libfaketime.so.1)" >/etc/environment`,
    refusal: "its clock is … s behind this machine's: correct the one that is wrong, for example with …",
  },
  meshRangeTaken: {
    title: "A private network in the range of the mesh",
    image: "host-trixie",
    privateNetwork: "10.77.0.0/24",
    refusal: "it reaches 10.77.0.0/24 by eth1: give all hosts mesh addresses of another range, such as 10.78.0.0/24",
  },
} as const satisfies Record<string, HostKind>;
export type HostKindName = keyof typeof KINDS;

/** All kinds, first those that can join a fleet. */
export const HOST_KINDS: Record<HostKindName, HostKind> = KINDS;

/** A kind with its defaults. */
export const hostKind = (name: HostKindName): HostKind & Required<Pick<HostKind, "user" | "port" | "order" | "dockerDisk">> => ({
  user: "root",
  port: 22,
  order: LET_ROOT_IN,
  dockerDisk: ["--volume", "/var/lib/docker"],
  ...HOST_KINDS[name],
});
