/** tinc 1.0 (tinc.conf(5) of 1.0.36) in router mode: every host connected to every other, so that losing one cuts nobody off. */
import { isIP } from "node:net";
import { MESH, MESH_INTERFACE, MESH_PORT, type MeshHost } from "../mesh.ts";
import { MESH_PREFIX_LENGTH } from "../ranges.ts";
import type { HostFile } from "./host-script.ts";
import { mustMatch } from "./refuse.ts";

/** What a datagram of 1,500 bytes holds beside tinc's, UDP's and IPv6's own: no packet is split on the way. */
const MTU = 1_400;
/** In bytes; with the default a burst overruns it and is sent again. */
const SOCKET_BUFFER_BYTES = 4 * 1_024 * 1_024;
/** In bytes of eight packets each: fast links deliver further out of order than the default of 16. */
const REPLAY_WINDOW_BYTES = 512;

/** Everything in `/etc/tinc/<mesh>` of one host but its private key. `publicKeys`: PEM by the names of all members. */
export function tincFiles(self: MeshHost, members: readonly MeshHost[], publicKeys: Record<string, string>): HostFile[] {
  const folder = `/etc/tinc/${MESH}`;
  return [
    { path: `${folder}/tinc.conf`, content: tincConf(self, members), mode: "644" },
    { path: `${folder}/tinc-up`, content: tincUp(self), mode: "755" },
    { path: `${folder}/tinc-down`, content: tincDown(), mode: "755" },
    ...members.map((member): HostFile => {
      const content = tincHost(member, publicKeys[member.name] ?? "");
      return { path: `${folder}/hosts/${nodeName(member.name)}`, content, mode: "644" };
    }),
  ];
}

/** A host's name in tinc, which knows letters, digits and `_` only. */
export const nodeName = (name: string): string => mustMatch("name", name.replaceAll("-", "_"), /^\w{1,63}$/);

/**
 * `tinc.conf`. With `StrictSubnets` a member has the addresses of its host file here, and no other that it may announce.
 */
export function tincConf(self: MeshHost, members: readonly MeshHost[]): string {
  const others = members.filter(({ name }) => name !== self.name).map(({ name }) => nodeName(name));
  return `Name = ${nodeName(self.name)}
Mode = router
Interface = ${MESH_INTERFACE}
Port = ${MESH_PORT}
StrictSubnets = yes
ReplayWindow = ${REPLAY_WINDOW_BYTES}
UDPRcvBuf = ${SOCKET_BUFFER_BYTES}
UDPSndBuf = ${SOCKET_BUFFER_BYTES}
PingInterval = 10
PingTimeout = 5
MaxTimeout = 10
${others
  .sort()
  .map((name) => `ConnectTo = ${name}\n`)
  .join("")}`;
}

/** A member's host file: how the others reach it, what they send it, and how it wants that encrypted. `publicKey`: PEM. */
export function tincHost({ name, address, meshIp }: MeshHost, publicKey: string): string {
  const key = mustMatch(
    `publicKeys.${name}`,
    publicKey.trim().replaceAll("\n", " "),
    /^-----BEGIN RSA PUBLIC KEY----- [\w+/= ]+ -----END RSA PUBLIC KEY-----$/,
  );
  const [begin, ...lines] = key.split(/(?<=-----) | (?=-----)/);
  return `Address = ${isIP(address) === 0 ? mustMatch("address", address, /^[a-z0-9.-]+$/) : address} ${MESH_PORT}
Port = ${MESH_PORT}
Subnet = ${ipv4("meshIp", meshIp)}/32
Cipher = aes-256-cbc
Digest = sha256
MACLength = 16

${[begin, ...lines.flatMap((line) => (line.startsWith("-----") ? [line] : line.split(" ")))].join("\n")}
`;
}

/** `tinc-up`: gives the interface its address. tinc sets `$INTERFACE`. */
export const tincUp = ({ meshIp }: Pick<MeshHost, "meshIp">): string => `#!/bin/sh
ip link set dev "$INTERFACE" mtu ${MTU} up
ip address replace ${ipv4("meshIp", meshIp)}/${MESH_PREFIX_LENGTH} dev "$INTERFACE"
`;

/** `tinc-down`. */
export const tincDown = (): string => `#!/bin/sh
ip link set dev "$INTERFACE" down
`;

const ipv4 = (path: string, value: string) => mustMatch(path, value, /^\d{1,3}(\.\d{1,3}){3}$/);
