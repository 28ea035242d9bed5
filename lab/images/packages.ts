/** Which Debian packages go where: the same lists that the Dockerfiles and the hosts' bootstrap read. */
import { readFileSync } from "node:fs";
import { HOST_PACKAGES } from "../../stacks/render/bootstrap.ts";

const read = (folder: string) =>
  readFileSync(new URL(`../../images/${folder}/packages.txt`, import.meta.url), "utf8")
    .split("\n")
    .filter(Boolean);

/** What a rented host comes with: it answers SSH, and has neither Docker nor tinc. */
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

/** By what they are installed in; a set is resolved by itself, on top of Debian's minimum. */
export const PACKAGE_SETS: Record<string, readonly string[]> = {
  host: BARE_HOST,
  bootstrap: [...BARE_HOST, ...HOST_PACKAGES],
  base: read("base"),
  chromium: [...read("base"), ...read("chromium")],
  postgres: ["postgresql-15"],
  redis: ["redis-server"],
  registry: ["docker-registry", "ca-certificates", "wget"],
  haproxy: ["haproxy"],
  nginx: ["nginx-light"],
};
