/** Images of the lab's hosts, as hosting providers have them: Debian with systemd and an SSH server, and the additions of each kind of host. */

import { BARE_HOST, HOST_KIND_PACKAGES, type Suite } from "../registry/packages.ts";
import type { Recipe } from "../registry/recipe.ts";
import { MIRROR_ADDRESS } from "./addresses.ts";

/** Each host creates its own keys and machine-id(5); otherwise it would use the one of D-Bus. */
const FORGET_IDENTITY = `rm -f /etc/ssh/ssh_host_* /etc/machine-id /var/lib/dbus/machine-id
: >/etc/machine-id`;

/** Started as `/sbin/init`; sshd accepts root only by key. apt reads the lab's mirror. */
const bare = (suite: Suite, packages: readonly string[] = BARE_HOST): Recipe => ({
  suite,
  packages,
  setup: `rm -f /etc/ssh/ssh_host_* /etc/machine-id /var/lib/dbus/machine-id /var/lib/dbus/machine-id
: >/etc/machine-id
echo 'deb [trusted=yes] http://${MIRROR_ADDRESS}/debian/${suite} ./' >/etc/apt/sources.list
systemctl mask --quiet systemd-logind.service getty.target console-getty.service systemd-udevd.service systemd-udev-trigger.service
systemctl enable --quiet ssh.service`,
  stopSignal: "SIGRTMIN+3",
});

/** A bare host of Debian 13 with more packages. */
const withPackages = (set: keyof typeof HOST_KIND_PACKAGES, setup = ""): Recipe => ({
  from: "host-trixie",
  suite: "trixie",
  packages: HOST_KIND_PACKAGES[set],
  setup: [setup, FORGET_IDENTITY].join("\n"),
  stopSignal: "SIGRTMIN+3",
});

/**
 * Docker's own packages are not in Debian's archive. These have their names, their conflicts and their daemon's path, with Debian's programs.
 */
const DOCKER_CE = `cd /tmp
apt-get -q -o Dir::Etc::SourceList=/archive/sources.list -o Dir::Etc::SourceParts=/dev/null update >/dev/null
apt-get -q -o Dir::Etc::SourceList=/archive/sources.list -o Dir::Etc::SourceParts=/dev/null download docker.io docker-cli containerd runc
repack() {
  name=$1 conflicts=$2
  shift 2
  for package; do dpkg-deb -x "$package"_*.deb "$name"; done
  rm -rf "$name/etc/init.d" "$name/etc/default"
  mkdir "$name/DEBIAN"
  cat >"$name/DEBIAN/control" <<END_OF_CONTROL
Package: $name
Version: 5:26.1.5-1~debian.13~trixie
Architecture: $(dpkg --print-architecture)
Maintainer: Docker <support@docker.com>
Conflicts: $conflicts
Description: stands for the package of download.docker.com
END_OF_CONTROL
  [ "$name" != docker-ce ] || { mv "$name/usr/sbin/dockerd" "$name/usr/bin/"; sed -i s:/usr/sbin/dockerd:/usr/bin/dockerd: "$name"/usr/lib/systemd/system/docker.service; }
  dpkg-deb -Znone --build "$name" >/dev/null
}
mkdir docker-ce docker-ce-cli containerd.io
mkdir -p docker-ce/usr/bin
repack docker-ce docker.io docker.io
repack docker-ce-cli 'docker.io, docker-cli' docker-cli
repack containerd.io 'containerd, runc' containerd runc
dpkg --force-depends --purge docker.io docker-cli containerd runc >/dev/null
dpkg -i ./*ce.deb ./*ce-cli.deb ./containerd.io.deb
rm -rf /tmp/*
getent group docker >/dev/null || groupadd --system docker
systemctl enable --quiet containerd.service docker.service docker.socket`;

/** Each recipe comes after the one it builds on. */
export const HOST_RECIPES = {
  "host-bookworm": bare("bookworm"),
  "host-trixie": bare("trixie"),
  "host-without-nftables": bare(
    "trixie",
    BARE_HOST.filter((name) => name !== "nftables"),
  ),
  /** cloud-init reads the order from a folder, as at a provider whose metadata is a small disk. */
  "host-cloud": withPackages("cloud", "echo 'datasource_list: [ NoCloud, None ]' >/etc/cloud/cloud.cfg.d/90_lab.cfg"),
  "host-ufw": withPackages("ufw", "ufw allow ssh >/dev/null\nsed -i s/^ENABLED=no/ENABLED=yes/ /etc/ufw/ufw.conf"),
  "host-docker": withPackages("docker"),
  "host-docker-ce": withPackages("docker", DOCKER_CE),
  "host-faketime": withPackages("faketime"),
} satisfies Record<string, Recipe>;
export type HostImage = keyof typeof HOST_RECIPES;
