/** The IP addresses of hosts with a DNS name in the stack config: a firewall that is loaded before the network is up cannot resolve names. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { BadInputError, type Problem } from "../services/core/protocol/errors.ts";
import { addressProblem } from "./config/address.ts";
import type { Host } from "./config.ts";
import { settingName } from "./setting-names.ts";

type Resolve = (name: string) => Promise<string[]>;

/**
 * All IP addresses of each host by its name in the stack config. Names are resolved on this machine, at each deployment.
 *
 * @param resolve for tests: the addresses of a DNS name.
 * @throws BadInputError with every name that has no address, or that resolves to an address that other hosts cannot reach.
 */
export async function resolveAddresses(hosts: readonly Host[], resolve: Resolve = bySystem): Promise<ReadonlyMap<string, string[]>> {
  const problems: Problem[] = [];
  const found = await Promise.all(
    hosts.map(async ({ name, address }, index): Promise<[string, string[]]> => {
      const addresses = isIP(address) ? [address] : await resolve(address).catch(() => []);
      const remedy = nameProblem(name, addresses);
      if (remedy !== undefined) problems.push({ path: settingName(`hosts[${index}].address`), value: address, remedy });
      return [name, addresses];
    }),
  );
  if (problems.length > 0) throw new BadInputError("The stack config is not valid", problems);
  return new Map(found);
}

function nameProblem(name: string, addresses: readonly string[]): string | undefined {
  if (addresses.length === 0)
    return `this name has no address in DNS: correct it, or write the host's IP address; if the host is permanently lost: ./orb host remove ${name} --dead`;
  const bad = addresses.map((address) => ({ address, problem: addressProblem(address) })).find(({ problem }) => problem !== undefined);
  return bad && `it resolves to ${bad.address} here. ${bad.problem}`;
}

const bySystem: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);
