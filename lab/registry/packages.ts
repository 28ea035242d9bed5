/** The Debian packages by place: the same lists that the Dockerfiles and the hosts' bootstrap read. */
import { readFileSync } from "node:fs";
import { DOCKER_CLIENT_PACKAGE, HOST_PACKAGES } from "../../stacks/render/bootstrap.ts";

/** Debian's releases of the lab's hosts. */
export const SUITES = ["bookworm", "trixie"] as const;
export type Suite = (typeof SUITES)[number];

const read = (folder: string) =>
  readFileSync(new URL(`../../images/${folder}/packages.txt`, import.meta.url), "utf8")
    .split("\n")
    .filter(Boolean);

/** The packages of a rented host: it answers SSH, and has neither Docker nor tinc. */
export const BARE_HOST = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "openssh-server",
  "iproute2",
  "nftables",
  "procps",
  "curl",
  "ca-certificates",
] as const;

/** The additional packages of other kinds of hosts (lab/hosts/kinds.ts), all on Debian 13. */
export const HOST_KIND_PACKAGES = {
  cloud: ["sudo", "cloud-init"],
  ufw: ["ufw"],
  docker: ["docker.io", "docker-cli"],
  faketime: ["faketime"],
} as const;

/** By place of installation; a set is resolved by itself, on top of Debian's minimum. */
export const PACKAGE_SETS: Record<Suite, Record<string, readonly string[]>> = {
  bookworm: {
    host: BARE_HOST,
    bootstrap: [...BARE_HOST, ...HOST_PACKAGES],
    base: read("base"),
    chromium: [...read("base"), ...read("chromium")],
    postgres: ["postgresql-15"],
    redis: ["redis-server"],
    registry: ["docker-registry", "ca-certificates", "wget"],
    haproxy: ["haproxy"],
    nginx: ["nginx-light"],
  },
  trixie: {
    host: BARE_HOST,
    bootstrap: [...BARE_HOST, ...HOST_PACKAGES, DOCKER_CLIENT_PACKAGE],
    ...Object.fromEntries(Object.entries(HOST_KIND_PACKAGES).map(([name, packages]) => [name, [...BARE_HOST, ...packages]])),
  },
};
