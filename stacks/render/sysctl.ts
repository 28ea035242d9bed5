/** Settings of a host's kernel (sysctl.d(5)). A line that begins with `-` may fail: not every kernel has it, and not every host may set it. */
import type { HostFile } from "./host-script.ts";

/** For a host with its own kernel: the link is created only there, so that a host in a container does not change other hosts' kernel. */
export const KERNEL_SYSCTL = { file: "/etc/orbweaver/kernel.sysctl", link: "/etc/sysctl.d/61-orbweaver-kernel.conf" } as const;

const FAMILIES = ["net.ipv4.conf.all", "net.ipv4.conf.default"];
const BOTH = [...FAMILIES, "net.ipv6.conf.all", "net.ipv6.conf.default"];

const NETWORK: [string, number][] = [
  // The edge answers on 80 and 443 without being root.
  ["net.ipv4.ip_unprivileged_port_start", 80],
  // Loose: packets from the mesh and from containers have no return route through the same interface alone.
  ...FAMILIES.map((name): [string, number] => [`-${name}.rp_filter`, 2]),
  ...BOTH.flatMap((name): [string, number][] => [
    [`-${name}.accept_redirects`, 0],
    [`-${name}.accept_source_route`, 0],
  ]),
  ...FAMILIES.flatMap((name): [string, number][] => [
    [`-${name}.secure_redirects`, 0],
    [`-${name}.send_redirects`, 0],
  ]),
];

const KERNEL: [string, number][] = [
  // Since Linux 6.6; the fleet does not use it.
  ["-kernel.io_uring_disabled", 2],
  ["-kernel.unprivileged_bpf_disabled", 1],
  ["-kernel.kptr_restrict", 2],
  ["-kernel.dmesg_restrict", 1],
  ["-kernel.yama.ptrace_scope", 2],
  // Chromium's own sandbox needs user namespaces, and the seccomp profiles of all other containers refuse them.
  ["-kernel.unprivileged_userns_clone", 1],
];

const textOf = (settings: [string, number][]) => settings.map(([name, value]) => `${name} = ${value}\n`).join("");

const namesOf = (settings: [string, number][]) => settings.map(([name]) => name.replace(/^-/, "")).join(" ");

/** Prints the settings that must stay; settings that a kernel does not have are left out. */
export const SYSCTL_CHECK = `sysctl --ignore ${namesOf(NETWORK)}; if [ -e ${KERNEL_SYSCTL.link} ]; then sysctl --ignore ${namesOf(KERNEL)}; fi`;

/** Their files; bootstrap loads them. */
export const sysctlFiles = (): HostFile[] => [
  { path: "/etc/sysctl.d/60-orbweaver.conf", content: textOf(NETWORK), mode: "644" },
  { path: KERNEL_SYSCTL.file, content: textOf(KERNEL), mode: "644" },
];
