import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { createAddressGuard } from "../../services/core/net/address-guard.ts";
import { Recorder } from "./recorder.ts";
import type { Outcome, Suite } from "./suite.ts";

const guard = createAddressGuard([]);

function isAllowed(host: string): boolean {
  try {
    guard.checkHost(host);
    return true;
  } catch {
    return false;
  }
}

/** URLs with an address, all of which have to be refused. Names are left out: their answer depends on the network. */
function refused(urls: string[]): Outcome[] {
  const recorder = new Recorder();
  for (const text of new Set(urls)) {
    const url = URL.parse(text);
    const host = url?.hostname.replace(/^\[(.*)\]$/, "$1") ?? "";
    recorder.begin(text);
    if (url === null || isIP(host) > 0) recorder.equal(url !== null && isAllowed(host), false);
  }
  return recorder.outcomes;
}

export const ssrfReqFilter: Suite = {
  name: "ssrf-req-filter",
  repository: "y-mehta/ssrf-req-filter",
  version: "788a173",
  needs: "test/fixtures/blockedUrls.js",
  run: (root) =>
    refused(Array.from(readFileSync(join(root, ssrfReqFilter.needs), "utf8").matchAll(/'(https?:[^']+)'/g), ([, url = ""]) => url)),
};

export const requestFilteringAgent: Suite = {
  name: "request-filtering-agent",
  repository: "azu/request-filtering-agent",
  version: "cc0f9fc",
  needs: "test/request-filtering-agent.test.ts",
  run(root) {
    const source = readFileSync(join(root, requestFilteringAgent.needs), "utf8").replaceAll(`\${TEST_PORT}`, "80");
    return refused(Array.from(source.matchAll(/`(https?:[^`]+)`/g), ([, url = ""]) => url));
  },
};

/** Of each range only the addresses that are unicast are public. */
export const ipaddr: Suite = {
  name: "ipaddr.js",
  repository: "whitequark/ipaddr.js",
  version: "40708ee",
  needs: "test/ipaddr.test.js",
  run(root) {
    const recorder = new Recorder();
    const cases = readFileSync(join(root, ipaddr.needs), "utf8").matchAll(/equal\(IPv[46]\.parse\('([^'%]+)'\)\.range\(\), '(\w+)'\)/g);
    for (const [, address = "", range] of cases) {
      recorder.begin(address);
      recorder.equal(isAllowed(address), range === "unicast");
    }
    return recorder.outcomes;
  },
};
