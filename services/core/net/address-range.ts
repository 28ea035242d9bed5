/** The only rule for address ranges in settings, flags and the stack config. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** The only allocated IPv6 block (RFC 4291, section 2.4; IANA "IPv6 Address Space"). It has no ULA, link-local, multicast or NAT64 addresses. */
export const GLOBAL_IPV6 = "2000::/3";
/**
 * Public addresses that a cloud serves inside its own network: Azure's wire server, which gives every process on a host the host's settings. The
 * metadata services of other clouds are in special-purpose ranges.
 */
export const CLOUD_RANGES = ["168.63.129.16/32"] as const;

const FORM = "write an address range with the length of its prefix, IPv4 in four decimal parts, such as 10.20.0.0/16 or fd20::/64";

/**
 * The problem of an address range and its remedy; undefined if `range` is a network with its prefix length.
 *
 * Short, octal and hexadecimal forms are refused because programs disagree about them: `10/8` is 10.0.0.0/8 for some and 0.0.0.10/8 for others.
 */
export function rangeProblem(range: string): string | undefined {
  const [, address = "", length] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(range) ?? [];
  if (address.includes("%")) return "a zone is valid on one host only: write the range without a zone";
  const family = isIP(address);
  if (family === 0 || Number(length) > (family === 4 ? 32 : 128)) return FORM;
  const network = networkOf(range);
  return ipaddr.parse(address).match(ipaddr.parse(network.slice(0, network.indexOf("/"))), family === 4 ? 32 : 128)
    ? undefined
    : `it has bits behind the prefix: write ${network}`;
}

/** A valid range with all bits behind its prefix zero: `"10.0.0.5/8"` -> `"10.0.0.0/8"`. IPv6 comes in its shortest form. */
export function networkOf(range: string): string {
  const [address, length] = ipaddr.parseCIDR(range);
  const network =
    address.kind() === "ipv4" ? ipaddr.IPv4.networkAddressFromCIDR(range) : ipaddr.IPv6.networkAddressFromCIDR(range).toRFC5952String();
  return `${network}/${length}`;
}
