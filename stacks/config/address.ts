/** The address of a host: the forms that SSH, tinc and the firewall parse alike. */
import ipaddr from "ipaddr.js";
import { isInRange } from "../ranges.ts";

const FORMS = "write an IPv4 address in four decimal parts, an IPv6 address, or a DNS name with its domain, such as 203.0.113.10";
const MAX_NAME_LENGTH = 253;
/** Letters, digits and hyphens (RFC 1123, section 2.1). */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Texts that resolvers parse as a number, and so as an IPv4 address. */
const NUMBER = /^(?:\d+|0x[\da-f]*)$/;
/** Names that every host resolves to itself. */
const LOCAL_DOMAINS = ["localhost", "local"];

/** Kinds of addresses by ipaddr.js that no other host can reach. */
const UNREACHABLE: Record<string, string> = {
  unspecified: "it is no host's address",
  broadcast: "it is the broadcast address",
  multicast: "it is a multicast address",
  loopback: "it is each host's own loopback address",
  linkLocal: "it is a link-local address, which only hosts on one link reach",
};
/** Class E (RFC 1112). */
const UNASSIGNED_RANGE = "240.0.0.0/4";

/** Why other hosts cannot reach a host at an address, with the remedy; undefined if they may. */
export function addressProblem(address: string): string | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return unreachable(address);
  if (address.includes("%")) return "a zone is valid on one host only: write an address without one";
  if (ipaddr.IPv6.isValid(address)) return ipv6Problem(address);
  return isDnsName(address.toLowerCase()) ? undefined : FORMS;
}

/** The normal form of an address, so that equal ones are equal texts: lower case, and the shortest form of IPv6 (RFC 5952). */
export const normalAddress = (address: string): string =>
  ipaddr.IPv6.isValid(address) ? ipaddr.IPv6.parse(address).toRFC5952String() : address.toLowerCase();

function ipv6Problem(address: string): string | undefined {
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? `write the IPv4 address: ${parsed.toIPv4Address()}` : unreachable(address);
}

function unreachable(address: string): string | undefined {
  const reason = isInRange(address, UNASSIGNED_RANGE) ? "it is a reserved address" : undefined;
  const kind = UNREACHABLE[ipaddr.parse(address).range()] ?? reason;
  return kind === undefined ? undefined : `${kind}: write the address at which the other hosts reach this one`;
}

function isDnsName(name: string): boolean {
  const labels = name.split(".");
  const last = labels.at(-1) ?? "";
  const isPublic = labels.length > 1 && !NUMBER.test(last) && !LOCAL_DOMAINS.includes(last);
  return name.length <= MAX_NAME_LENGTH && isPublic && labels.every((label) => LABEL.test(label));
}
