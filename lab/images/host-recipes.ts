/** Images of the lab's hosts, as providers of hosts have them: Debian with systemd and an SSH server, and what a kind of host has beside that. */
import { MIRROR_ADDRESS } from "../hosts/addresses.ts";
import { BARE_HOST, HOST_KIND_PACKAGES, type Suite } from "./packages.ts";
import type { Recipe } from "./recipe.ts";

/** Started as `/sbin/init`; sshd lets root in by key alone. apt reads the lab's mirror. */
const bare = (suite: Suite, packages: readonly string[] = BARE_HOST): Recipe => ({
  suite,
  packages,
  setup: `rm -f /etc/ssh/ssh_host_* /etc/machine-id /var/lib/dbus/machine-id
: >/etc/machine-id
echo 'deb [trusted=yes] http://${MIRROR_ADDRESS}/debian/${suite} ./' >/etc/apt/sources.list
systemctl mask --quiet systemd-logind.service getty.target console-getty.service systemd-udevd.service systemd-udev-trigger.service
systemctl enable --quiet ssh.service`,
  stopSignal: "SIGRTMIN+3",
});

/** A bare host of Debian 13 with more packages. */
const withPackages = (set: keyof typeof HOST_KIND_PACKAGES, setup: string): Recipe => ({
  from: "host-trixie",
  suite: "trixie",
  packages: HOST_KIND_PACKAGES[set],
  setup,
  stopSignal: "SIGRTMIN+3",
});

/** In an order in which each comes after the one it builds on. */
export const HOST_RECIPES = {
  "host-bookworm": bare("bookworm"),
  "host-trixie": bare("trixie"),
  "host-without-nftables": bare(
    "trixie",
    BARE_HOST.filter((name) => name !== "nftables"),
  ),
  /** cloud-init finds what the order asks for in a folder, as on a provider whose metadata is a small disk. */
  "host-cloud": withPackages("cloud", "echo 'datasource_list: [ NoCloud, None ]' >/etc/cloud/cloud.cfg.d/90_lab.cfg"),
  "host-ufw": withPackages("ufw", "ufw allow ssh >/dev/null\nsed -i s/^ENABLED=no/ENABLED=yes/ /etc/ufw/ufw.conf"),
  "host-docker": withPackages("docker", ""),
  "host-faketime": withPackages("faketime", ""),
} satisfies Record<string, Recipe>;
export type HostImage = keyof typeof HOST_RECIPES;
