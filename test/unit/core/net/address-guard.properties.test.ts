/** Addresses that no page may lead to, in every way of writing them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PrivateAddressError } from "../../../../services/core/net/address-errors.ts";
import { createAddressGuard, isAllowedAddress } from "../../../../services/core/net/address-guard.ts";
import { BadProxyError } from "../../../../services/core/net/proxy/errors.ts";
import { parseProxy } from "../../../../services/core/net/proxy/proxy.ts";
import { hostOf } from "../../../../services/scheduler/host-limiter.ts";
import { anyText, anyUrl } from "../../../fixtures/arbitraries.ts";

type Range = [first: number, prefix: number];

/** IANA IPv4 Special-Purpose Address Registry, what is not globally reachable, multicast, and what clouds use inside their networks. */
const SPECIAL_IPV4: Range[] = (
  [
    ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"],
    ...["192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
    ...["168.63.129.16/32"],
  ] as const
).map((range) => {
  const [address = "", prefix] = range.split("/");
  return [address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0), Number(prefix)];
});

const isSpecial = (address: number) =>
  SPECIAL_IPV4.some(([first, prefix]) => Math.floor((address - first) / 2 ** (32 - prefix)) === 0 && address >= first);

const specialIPv4 = fc
  .tuple(fc.constantFrom(...SPECIAL_IPV4), fc.nat(2 ** 32 - 1))
  .map(([[first, prefix], offset]) => first + (offset % 2 ** (32 - prefix)));
const publicIPv4 = fc.nat(2 ** 32 - 1).filter((address) => !isSpecial(address));

const bytesOf = (address: number) => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
const dotted = (address: number) => bytesOf(address).join(".");

/** One number as `inet_aton` reads it. */
const numeral = (value: number) =>
  fc.tuple(fc.constantFrom(10, 8, 16), fc.nat(4), fc.boolean()).map(([base, padding, isUpper]) => {
    if (base === 10) return String(value);
    const digits = "0".repeat(padding) + value.toString(base);
    return base === 8 ? `0${digits}` : `${isUpper ? "0X" : "0x"}${isUpper ? digits.toUpperCase() : digits}`;
  });

const FULL_WIDTH = (text: string) =>
  text.replace(/[\d.]/g, (sign) => (sign === "." ? "。" : String.fromCharCode(sign.charCodeAt(0) + 0xfee0)));
const ESCAPED = (text: string) => [...text].map((sign) => `%${sign.charCodeAt(0).toString(16)}`).join("");

/** An IPv4 address in one to four numbers of any base, as a URL may have it. */
const notationOf = (address: number) => {
  const bytes = bytesOf(address);
  return fc
    .integer({ min: 1, max: 4 })
    .chain((count) => {
      const parts = [...bytes.slice(0, count - 1), address % 256 ** (5 - count)];
      return fc.tuple(...parts.map(numeral), fc.constantFrom("", "."), fc.constantFrom(String, FULL_WIDTH, ESCAPED));
    })
    .map((all) => {
      const [end, write] = all.slice(-2) as [string, (text: string) => string];
      return write(all.slice(0, -2).join(".")) + end;
    });
};

/** Eight groups in one of the ways in which IPv6 is written. */
const ipv6Of = (groups: readonly number[]) =>
  fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()).map(([isPadded, isUpper, isDotted]) => {
    const hex = groups.map((group) => group.toString(16).padStart(isPadded ? 4 : 1, "0"));
    const end = isDotted ? [dotted((groups[6] as number) * 65_536 + (groups[7] as number))] : hex.slice(6);
    const text = [...hex.slice(0, 6), ...end].join(":");
    return isUpper ? text.toUpperCase() : text;
  });

/** IPv6 addresses that carry an IPv4 address: mapped, NAT64, 6to4. */
const carrying = (address: number) => {
  const [high, low] = [Math.floor(address / 65_536), address % 65_536];
  return fc
    .constantFrom([0, 0, 0, 0, 0, 0xffff, high, low], [0x64, 0xff9b, 0, 0, 0, 0, high, low], [0x2002, high, low, 0, 0, 0, 0, 1])
    .chain(ipv6Of);
};

const group = fc.nat(0xffff);
/** First groups of IPv6 blocks that are not handed out for the public internet, from and to. */
const SPECIAL_IPV6: [number, number][] = [
  [0x0100, 0x1fff],
  [0x4000, 0xffff],
  [0x3fff, 0x3fff],
  [0x5f00, 0x5f00],
];
const specialIPv6 = fc
  .constantFrom(...SPECIAL_IPV6)
  .chain(([from, to]) => fc.tuple(fc.integer({ min: from, max: to }), group, group, group, group, group, group, group))
  .map(([first, second, ...rest]) => [first, first === 0x3fff ? second % 0x1000 : second, ...rest])
  .chain(ipv6Of);

const refused = (host: string) => assert.throws(() => createAddressGuard([]).checkHost(host), PrivateAddressError);

test("every notation of a special IPv4 address is refused", () => {
  fc.assert(
    fc.property(
      specialIPv4.chain((address) => fc.tuple(fc.constant(address), notationOf(address))),
      ([address, notation]) => {
        const { hostname } = new URL(`http://${notation}/`);

        assert.equal(hostname, dotted(address));
        refused(hostname);
      },
    ),
  );
});

test("special addresses are refused as IPv6 and embedded in IPv6", () => {
  fc.assert(
    fc.property(fc.oneof(specialIPv4.chain(carrying), specialIPv6), (address) => {
      assert.equal(isAllowedAddress(address, []), false);
      refused(new URL(`http://[${address}]/`).hostname);
    }),
  );
});

test("public IPv4 addresses are allowed, in every notation and embedded in IPv6", () => {
  fc.assert(
    fc.property(
      publicIPv4.chain((address) => fc.tuple(notationOf(address), carrying(address))),
      ([notation, address]) => {
        createAddressGuard([]).checkHost(new URL(`http://${notation}/`).hostname);

        assert.equal(isAllowedAddress(address, []), true);
      },
    ),
  );
});

test("any host is refused or allowed, and any text is a valid or an invalid proxy", () => {
  fc.assert(
    fc.property(fc.oneof(anyText(), anyUrl), (text) => {
      for (const work of [() => createAddressGuard([]).checkHost(text), () => parseProxy(text)]) {
        try {
          work();
        } catch (error) {
          assert.ok(error instanceof PrivateAddressError || error instanceof BadProxyError, String(error));
        }
      }
    }),
  );
});

test("every http URL has one host for politeness, whatever its notation", () => {
  fc.assert(
    fc.property(anyUrl, (text) => {
      const host = hostOf(text);
      const url = URL.parse(text);

      if (url && /^https?:$/.test(url.protocol)) assert.equal(host, url.host);
      if (url && host) assert.equal(hostOf(url.href), host);
    }),
  );
});
