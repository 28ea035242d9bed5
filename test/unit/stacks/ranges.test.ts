import assert from "node:assert/strict";
import { test } from "node:test";
import { edgeUrl } from "../../../stacks/edge-url.ts";
import { isInRange, meshRange, rangesOverlap } from "../../../stacks/ranges.ts";

test("the mesh is the /24 of a mesh address", () => {
  assert.equal(meshRange("10.77.0.254"), "10.77.0.0/24");
});

test("two ranges overlap if one contains the other, in either order", () => {
  const pairs: [string, string, boolean][] = [
    ["10.0.0.0/8", "10.77.0.0/24", true],
    ["10.77.0.0/24", "10.77.0.128/25", true],
    ["10.77.0.0/24", "10.77.1.0/24", false],
    ["172.16.0.0/16", "172.17.0.0/16", false],
    ["172.28.0.0/14", "172.31.255.0/24", true],
    ["0.0.0.0/0", "::/0", false],
    ["::/0", "fd20::/64", true],
  ];

  for (const [one, other, expected] of pairs) {
    assert.equal(rangesOverlap(one, other), expected, `${one} and ${other}`);
    assert.equal(rangesOverlap(other, one), expected, `${other} and ${one}`);
  }
});

test("an address is contained only in ranges of its own family, and a name in no range", () => {
  assert.deepEqual(
    ["10.201.255.255", "10.202.0.0", "::ffff:10.201.0.1", "10.201.example.org"].map((address) => isInRange(address, "10.201.0.0/16")),
    [true, false, false, false],
  );
});

test("an edge's URL has brackets around an IPv6 address", () => {
  assert.deepEqual(["203.0.113.11", "2001:db8::1", "edge.example.org"].map(edgeUrl), [
    "http://203.0.113.11",
    "http://[2001:db8::1]",
    "http://edge.example.org",
  ]);
});
