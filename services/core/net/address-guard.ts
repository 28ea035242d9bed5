/** Keeps a crawl on the public internet: scripts choose URLs, and servers choose redirects and DNS answers, so every connection is checked. */
import { lookup as resolve } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { BadInputError } from "../protocol/errors.ts";
import { PrivateAddressError } from "./address-errors.ts";
import { CLOUD_RANGES, GLOBAL_IPV6, rangeProblem } from "./address-range.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
/** An address and the length of its prefix. */
export type AddressRange = readonly [Address, number];

export interface AddressGuard {
  /**
   * Call it with every host before connecting: a connection to a literal address calls no `lookup`.
   *
   * @throws PrivateAddressError if `host` is an address (IPv6 with or without brackets) that is refused. Names pass.
   */
  checkHost(host: string): void;
  /** For `net.connect`: returns only allowed addresses, so the connection goes to the address that was checked. */
  lookup: LookupFunction;
}

/** A guard that allows public addresses and those in `ranges` (CIDR). Throws BadInputError naming every invalid range. */
export function createAddressGuard(ranges: readonly string[]): AddressGuard {
  const allowed = parseAddressRanges(ranges);
  return {
    checkHost(host) {
      const bare = host.replace(/^\[(.*)\]$/, "$1");
      if (isIP(bare) && !isAllowedAddress(bare, allowed)) throw new PrivateAddressError(bare, [bare]);
    },
    lookup: (hostname, options, callback) =>
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, "");
        const open = addresses.filter(({ address }) => isAllowedAddress(address, allowed));
        const [first] = open;
        const refused = () =>
          new PrivateAddressError(
            hostname,
            addresses.map(({ address }) => address),
          );
        if (!first) callback(refused(), "");
        else if (options.all) callback(null, open);
        else callback(null, first.address, first.family);
      }),
  };
}

/** Parses `["10.0.0.0/8", "fd00::/8"]`. Throws BadInputError naming every invalid entry (`rangeProblem`). */
export function parseAddressRanges(ranges: readonly string[]): AddressRange[] {
  const problems = ranges.flatMap((value) => {
    const remedy = rangeProblem(value);
    return remedy === undefined ? [] : [{ path: "allowAddresses", value, remedy }];
  });
  if (problems.length > 0) throw new BadInputError("Allowed addresses", problems);
  return ranges.map((range) => ipaddr.parseCIDR(range));
}

/**
 * Whether a connection to `address` (IPv4 or IPv6 as `net.isIP` takes them) is allowed: it is in `allowed`, or it is public unicast.
 *
 * Refuses everything in the IANA special-purpose registries, and public addresses that clouds use inside their networks. An address that embeds an
 * IPv4 address (mapped, NAT64, 6to4) is treated like the embedded one.
 */
export function isAllowedAddress(address: string, allowed: readonly AddressRange[]): boolean {
  const parsed = ipaddr.parse(address);
  const effective = embeddedIPv4(parsed) ?? parsed;
  if ([parsed, effective].some((candidate) => allowed.some((range) => isWithin(candidate, range)))) return true;
  if (effective.range() !== "unicast" || CLOUD_ADDRESSES.some((range) => isWithin(effective, range))) return false;
  return effective.kind() === "ipv4" || isWithin(effective, GLOBAL_UNICAST);
}

const GLOBAL_UNICAST = ipaddr.parseCIDR(GLOBAL_IPV6);
const CLOUD_ADDRESSES = CLOUD_RANGES.map((range) => ipaddr.parseCIDR(range));
/** RFC 6052, section 2.1. The local-use prefix 64:ff9b:1::/48 has no fixed place for the IPv4 address, so all of it is refused. */
const NAT64 = ipaddr.parseCIDR("64:ff9b::/96");

function isWithin(address: Address, [network, prefix]: AddressRange): boolean {
  return address.kind() === network.kind() && address.match(network, prefix);
}

function embeddedIPv4(address: Address): ipaddr.IPv4 | undefined {
  if (!(address instanceof ipaddr.IPv6)) return undefined;
  const bytes = address.toByteArray();
  const range = address.range();
  if (range === "6to4") return new ipaddr.IPv4(bytes.slice(2, 6));
  if (range === "ipv4Mapped" || isWithin(address, NAT64)) return new ipaddr.IPv4(bytes.slice(12));
  return undefined;
}
