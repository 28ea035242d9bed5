import assert from "node:assert/strict";
import { test } from "node:test";
import { BadInputError } from "../../../services/core/protocol/errors.ts";
import { parseStackConfig } from "../../../stacks/config.ts";
import { resolveAddresses } from "../../../stacks/peer-addresses.ts";
import { withHosts } from "../../fixtures/stack-configs.ts";

const NAMES: Record<string, string[]> = {
  "work1.example.org": ["203.0.113.11", "2001:db8::11"],
  "local.example.org": ["127.0.1.1"],
};
const resolve = async (name: string) => {
  const addresses = NAMES[name];
  if (!addresses) throw new Error(`ENOTFOUND ${name}`);
  return addresses;
};
const hostsAt = (...addresses: string[]) => parseStackConfig(withHosts(...addresses.map((address) => ({ address })))).hosts;

test("a name is resolved to all its addresses, and an address to itself", async () => {
  const addresses = await resolveAddresses(hostsAt("203.0.113.10", "work1.example.org", "2001:db8::12"), resolve);

  assert.deepEqual(Object.fromEntries(addresses), {
    data: ["203.0.113.10"],
    work1: ["203.0.113.11", "2001:db8::11"],
    work2: ["2001:db8::12"],
  });
});

test("every name without an address that others can reach is refused", async () => {
  const resolving = resolveAddresses(hostsAt("203.0.113.10", "gone.example.org", "local.example.org"), resolve);

  await assert.rejects(resolving, (error: Error) => {
    assert.ok(error instanceof BadInputError);
    assert.deepEqual(
      error.problems.map(({ path }) => path),
      ["orbweaver:hosts[1].address", "orbweaver:hosts[2].address"],
    );
    assert.match(error.message, /no address in DNS/);
    assert.match(error.message, /resolves to 127\.0\.1\.1 here\. it is each host's own loopback/);
    return true;
  });
});
