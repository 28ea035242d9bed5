import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { allowAddressFlag } from "../../../../services/cli/flags.ts";
import { parseAddressRanges } from "../../../../services/core/net/address-guard.ts";
import { networkOf, rangeProblem } from "../../../../services/core/net/address-range.ts";
import { BadInputError } from "../../../../services/core/protocol/errors.ts";
import { addressRanges } from "../../../../services/core/runtime/env.ts";
import { allowAddressesSchema } from "../../../../stacks/config/schema.ts";

const FORM = /^write an address range/;
const REFUSED: [string, RegExp][] = [
  ...["10/8", "10.0/8", "10.1.2/24", "167772160/8"].map((range) => [range, FORM] as [string, RegExp]),
  ...["010.0.0.0/8", "0x0a.0.0.0/8", "0xa000000/8", "10.0.0.00/8"].map((range) => [range, FORM] as [string, RegExp]),
  ...["::ffff:010.0.0.0/104", "::ffff:0x0a.0.0.0/104", "::ffff:10.0/112"].map((range) => [range, FORM] as [string, RegExp]),
  ...["10.0.0.0/08", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8.0", "10.0.0.0/0x8"].map(
    (range) => [range, FORM] as [string, RegExp],
  ),
  ...["10.0.0.0", "10.0.0.0/", "/8", "", "10.0.0.0/8/8", " 10.0.0.0/8", "10.0.0.0 /8", "10.0.0.0/8\n", "１０.0.0.0/8"].map(
    (range) => [range, FORM] as [string, RegExp],
  ),
  ...["fd00::/129", "fd00::/064", "[fd00::]/8", "fd00:::/8", "example/8", "localhost/8"].map((range) => [range, FORM] as [string, RegExp]),
  ["fe80::%eth0/10", /without a zone/],
  ["10.0.0.1/8", /write 10\.0\.0\.0\/8$/],
  ["fd00::1/8", /write fd00::\/8$/],
  ["FD20:0::1/64", /write fd20::\/64$/],
];

for (const [range, remedy] of REFUSED) {
  test(`the range ${JSON.stringify(range)} is refused with a remedy`, () => assert.match(rangeProblem(range) ?? "(accepted)", remedy));
}

test("IPv6 ranges and ranges of four decimal parts are accepted if no bits follow the prefix", () => {
  const ranges = ["10.0.0.0/8", "0.0.0.0/0", "203.0.113.7/32", "::/0", "::1/128", "fd00::/8", "FD20:0:0:1::/64", "::ffff:10.0.0.0/104"];

  assert.deepEqual(
    ranges.map(rangeProblem),
    ranges.map(() => undefined),
  );
});

test("the setting, the flag, the guard and the stack config refuse the same ranges", () => {
  const isGood = (range: string) => rangeProblem(range) === undefined;
  const takenByGuard = (range: string) => {
    try {
      return parseAddressRanges([range]).length === 1;
    } catch (error) {
      assert.ok(error instanceof BadInputError);
      return false;
    }
  };
  for (const range of [...REFUSED.map(([text]) => text), "10.0.0.0/8", "fd00::/8"]) {
    const verdicts = {
      flag: allowAddressFlag.schema.safeParse([range]).success,
      guard: takenByGuard(range),
      stacks: allowAddressesSchema.safeParse([range]).success,
    };
    assert.deepEqual(verdicts, { flag: isGood(range), guard: isGood(range), stacks: isGood(range) }, range);
    // The setting takes spaces around the commas of its list.
    assert.equal(addressRanges().safeParse(range).success, isGood(range.trim()), range);
  }
});

test("any range is accepted in its network's form, and refused with bits after the prefix", () => {
  const bytes = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }));
  fc.assert(
    fc.property(bytes, fc.nat(128), (parts, length) => {
      const address = ipaddr.fromByteArray([...parts]);
      const range = `${address.toString()}/${Math.min(length, parts.length * 8)}`;
      const network = networkOf(range);

      assert.equal(rangeProblem(network), undefined);
      assert.equal(rangeProblem(range) === undefined, address.match(...ipaddr.parseCIDR(range)) && isNetwork(range, network));
    }),
  );
});

const isNetwork = (range: string, network: string) =>
  ipaddr.parse(range.split("/")[0] ?? "").toNormalizedString() === ipaddr.parse(network.split("/")[0] ?? "").toNormalizedString();

test("a network has no bits after the prefix, and IPv6 has its shortest form", () => {
  assert.deepEqual(["10.0.0.5/8", "10.0.0.0/8", "FD20:0::1/64", "0.0.0.0/0"].map(networkOf), [
    "10.0.0.0/8",
    "10.0.0.0/8",
    "fd20::/64",
    "0.0.0.0/0",
  ]);
});
