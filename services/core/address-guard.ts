/** Keeps a crawl on the public internet: scripts choose URLs, and servers choose redirects and DNS answers, so every connection is checked. */
import { lookup as resolve } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { PrivateAddressError } from "./address-errors.ts";
import { BadInputError } from "./errors.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
/** An address and the length of its prefix. */
export type AddressRange = readonly [Address, number];

export interface AddressGuard {
  /**
   * Must be called with every host that is connected to: a connection to a literal address asks no `lookup`.
   *
   * @throws PrivateAddressError if `host` is an address (IPv6 with or without brackets) that is refused. Names pass.
   */
  checkHost(host: string): void;
  /** For `net.connect`: yields only allowed addresses, so the address that was checked is the one that is connected to. */
  lookup: LookupFunction;
}

/** A guard that lets public addresses through, and those in `ranges` (CIDR). Throws BadInputError naming every range that is none. */
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

/** `["10.0.0.0/8", "fd00::/8"]` parsed. Throws BadInputError naming every entry that is not a CIDR range. */
export function parseAddressRanges(ranges: readonly string[]): AddressRange[] {
  const bad = ranges.filter((range) => !ipaddr.isValidCIDR(range));
  if (bad.length > 0) {
    const remedy = "write an address range such as 127.0.0.0/8 or fd00::/8";
    throw new BadInputError(
      "Allowed addresses",
      bad.map((value) => ({ path: "allowAddresses", value, remedy })),
    );
  }
  return ranges.map((range) => ipaddr.parseCIDR(range));
}

/**
 * Whether a connection to `address` (IPv4 or IPv6 as `net.isIP` takes them) is allowed: it lies in `allowed`, or it is public unicast.
 *
 * Everything in the IANA special-purpose registries is refused. Addresses that carry an IPv4 address (mapped, NAT64, 6to4) are as good as that one.
 */
export function isAllowedAddress(address: string, allowed: readonly AddressRange[]): boolean {
  const parsed = ipaddr.parse(address);
  const effective = embeddedIPv4(parsed) ?? parsed;
  if ([parsed, effective].some((candidate) => allowed.some((range) => isWithin(candidate, range)))) return true;
  if (effective.range() !== "unicast") return false;
  return effective.kind() === "ipv4" || isWithin(effective, GLOBAL_UNICAST);
}

/** The only IPv6 block that is handed out (RFC 4291, section 2.4; IANA "IPv6 Address Space"). */
const GLOBAL_UNICAST = ipaddr.parseCIDR("2000::/3");
/** RFC 6052, section 2.1. The local-use prefix 64:ff9b:1::/48 does not fix where the IPv4 address stands, so it is refused as it is. */
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
