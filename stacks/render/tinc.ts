/** tinc 1.0 (tinc.conf(5) of 1.0.36) in router mode: every host is connected to every other, so that the loss of one disconnects no other. */
import { isIP } from "node:net";
import { MIB } from "../../services/core/protocol/byte-units.ts";
import { MESH, MESH_INTERFACE, MESH_PORT, type MeshHost } from "../mesh.ts";
import { MESH_PREFIX_LENGTH } from "../ranges.ts";
import type { HostFile } from "./host-script.ts";
import { mustMatch } from "./refuse.ts";

/** The payload of a 1,500-byte datagram without the headers of tinc, UDP and IPv6: no packet is fragmented. */
const MTU = 1_400;
/** In bytes; with the default, a burst overflows it and is sent again. */
const SOCKET_BUFFER_BYTES = 4 * MIB;
/** Between two attempts to connect. */
const RETRY_SECONDS = 2;
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

/** A host's name in tinc, which allows only letters, digits and `_`. */
export const nodeName = (name: string): string => mustMatch("name", name.replaceAll("-", "_"), /^\w{1,63}$/);

/**
 * `tinc.conf`. With `StrictSubnets` a member has only the addresses of its host file here, and cannot announce others.
 *
 * Of two hosts only the first by name connects to the other. If both connect at the same time, each closes the connection that the other keeps, and
 * both retry at the same time: hosts that started together did not reach each other for more than 45 s.
 */
export function tincConf(self: MeshHost, members: readonly MeshHost[]): string {
  const own = nodeName(self.name);
  const later = members.map(({ name }) => nodeName(name)).filter((name) => name > own);
  return `Name = ${own}
Mode = router
Interface = ${MESH_INTERFACE}
Port = ${MESH_PORT}
StrictSubnets = yes
ReplayWindow = ${REPLAY_WINDOW_BYTES}
UDPRcvBuf = ${SOCKET_BUFFER_BYTES}
UDPSndBuf = ${SOCKET_BUFFER_BYTES}
PingInterval = 10
PingTimeout = 5
MaxTimeout = ${RETRY_SECONDS}
${later
  .sort()
  .map((name) => `ConnectTo = ${name}\n`)
  .join("")}`;
}

/** A member's host file: its address, its subnet, and its encryption settings. `publicKey`: PEM. */
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
