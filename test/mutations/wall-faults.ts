/** Walls of SECURITY.md, each taken away. */
import type { Fault } from "./fault.ts";

const REDIS_RIGHTS = "test/integration/stacks/redis-logins.test.ts";
const FIREWALL = "test/integration/stacks/firewall.test.ts";

export const WALL_FAULTS: readonly Fault[] = [
  {
    name: "walls/json-of-any-depth",
    file: "services/core/protocol/json-limits.ts",
    text: '        if (this.#level === this.#limits.depth) return "deep";\n',
    replacement: "",
    tests: ["test/unit/core/protocol/json-limits.test.ts"],
  },
  {
    name: "walls/json-of-any-number-of-values",
    file: "services/core/protocol/json-limits.ts",
    text: '      if (this.values > this.#limits.values) return "many";\n',
    replacement: "",
    tests: ["test/unit/core/protocol/json-limits.test.ts"],
  },
  {
    name: "walls/queue-server-exchanges-scripts",
    file: "services/processor/script-source.ts",
    text: "      if (!matchesHash(compiled, hash)) throw new ScriptHashError(hash);\n",
    replacement: "",
    tests: ["test/unit/processor/script-source.test.ts"],
  },
  {
    name: "walls/processor-writes-scripts",
    file: "stacks/render/redis-rights.ts",
    text: '{ commands: ["get"], access: "R", keys: [ALL_SCRIPTS] }',
    replacement: '{ commands: ["get", "set"], access: "RW", keys: [ALL_SCRIPTS] }',
    tests: [REDIS_RIGHTS],
  },
  {
    name: "walls/containers-reach-private-networks",
    file: "stacks/render/firewall.ts",
    text: 'CLOSED_IPV4.join(", ")',
    replacement: '"192.0.2.0/24"',
    tests: [FIREWALL],
  },
  {
    name: "walls/containers-reach-private-networks-over-ipv6",
    file: "stacks/render/firewall.ts",
    text: "ip6 daddr != ",
    replacement: "ip6 daddr != ::/0 ip6 daddr != ",
    tests: [FIREWALL],
  },
  {
    name: "walls/crawl-reaches-the-cloud",
    file: "services/core/net/address-guard.ts",
    text: " || CLOUD_ADDRESSES.some((range) => isWithin(effective, range))",
    replacement: "",
    tests: ["test/unit/core/net/address-guard.test.ts"],
  },
  {
    name: "walls/short-ranges",
    file: "services/core/net/address-range.ts",
    text: "  if (family === 0 || Number(length)",
    replacement: "  if (Number(length)",
    tests: ["test/unit/core/net/address-range.test.ts", "test/unit/core/net/address-guard.test.ts"],
  },
  {
    name: "walls/csv-runs-formulas",
    file: "services/core/export/csv.ts",
    text: "const FORMULA = /^\\s*[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20]|^[\\t\\r\\n]/;",
    replacement: "const FORMULA = /^$/;",
    tests: ["test/unit/core/export/csv.test.ts"],
  },
  {
    name: "walls/scripts-fill-redis",
    file: "services/scheduler/script-shelf.ts",
    text: ", ...this.#removeUntilRoom(script.hash, use)",
    replacement: "",
    tests: ["test/unit/scheduler/script-shelf.test.ts"],
  },
  {
    name: "walls/line-breaks-in-headers",
    file: "services/core/protocol/checks.ts",
    text: "isStorable(value) && !/[\\r\\n]/.test(value)",
    replacement: "isStorable(value)",
    tests: ["test/unit/sandbox/answer.test.ts", "test/unit/core/protocol/fetch-options.test.ts"],
  },
  {
    name: "walls/each-ipv6-address-guesses-anew",
    file: "services/webui/login-limit.ts",
    text: "parsed instanceof ipaddr.IPv6 ? new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString() : parsed.toString()",
    replacement: "parsed.toString()",
    tests: ["test/unit/webui/login-limit.test.ts"],
  },
  {
    name: "walls/balancer-believes-any-client",
    file: "stacks/render/balancer.ts",
    text: '      { do: "setHeader", header: "X-Forwarded-For", value: { sample: "src" }, ...unlessEdge },\n',
    replacement: "",
    tests: ["test/integration/stacks/balancer.test.ts"],
  },
];
