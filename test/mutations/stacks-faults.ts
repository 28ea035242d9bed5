import type { Fault } from "./fault.ts";

const unit = (name: string) => `test/unit/stacks/${name}.test.ts`;

export const STACKS_FAULTS: readonly Fault[] = [
  {
    name: "stacks/no-memory-for-one-more-replica",
    file: "stacks/config/memory.ts",
    text: "reserved + extra > room",
    replacement: "reserved > room",
    tests: [unit("config-settings")],
  },
  {
    name: "stacks/no-address-for-one-more-replica",
    file: "stacks/config/capacity.ts",
    text: "sum + replicas[role] + replacedAtOnce(replicas[role], workers)",
    replacement: "sum + replicas[role]",
    tests: [unit("config-settings")],
  },
  {
    name: "stacks/update-replaces-all-at-once",
    file: "stacks/config/capacity.ts",
    text: "Math.floor(replicas / 2)",
    replacement: "replicas",
    tests: [unit("config/capacity")],
  },
  {
    name: "stacks/limits-above-the-memory",
    file: "stacks/config/memory.ts",
    text: "if (sum <= MAX_OVERCOMMIT * memoryMiB) return [];",
    replacement: "if (sum > 0) return [];",
    tests: [unit("config-settings")],
  },
  {
    name: "stacks/larger-range-does-not-overlap",
    file: "stacks/ranges.ts",
    text: "Math.min(aLength, bLength)",
    replacement: "Math.max(aLength, bLength)",
    tests: [unit("ranges")],
  },
  {
    name: "stacks/restarts-around-midnight",
    file: "stacks/config/calendar.ts",
    text: "(sorted[0] ?? 0) + MINUTES_OF_DAY",
    replacement: "Infinity",
    tests: [unit("config-settings")],
  },
  {
    name: "stacks/data-host-is-an-edge",
    file: "stacks/config/rules.ts",
    text: 'isEdge && role === "data"',
    replacement: "isEdge && role !== role",
    tests: [unit("config-hosts")],
  },
  {
    name: "stacks/lead-that-leaves-the-managers",
    file: "stacks/swarm-plan.ts",
    text: "Number(one.leaves) - Number(other.leaves) || ",
    replacement: "",
    tests: [unit("swarm-plan")],
  },
  {
    name: "stacks/two-managers-of-two-hosts",
    file: "stacks/swarm-plan.ts",
    text: "hosts.length < MIN_HOSTS_FOR_QUORUM ? 1 : MANAGERS",
    replacement: "MANAGERS",
    tests: [unit("swarm-plan")],
  },
  {
    name: "haproxy-config-generator/expands-a-variable",
    file: "packages/haproxy-config-generator/src/quote.ts",
    text: '/["\\\\$]/g',
    replacement: '/["\\\\]/g',
    tests: ["packages/haproxy-config-generator/test/quote.test.ts"],
  },
  {
    name: "haproxy-config-generator/shares-a-port-with-every-address",
    file: "packages/haproxy-config-generator/src/configuration.ts",
    text: ' || (other === "*" && !address.includes(":"))',
    replacement: "",
    tests: ["packages/haproxy-config-generator/test/configuration.test.ts"],
  },
  {
    name: "haproxy-config-generator/accepts-a-zone",
    file: "packages/haproxy-config-generator/src/scope.ts",
    text: 'text.includes("%") ? 0 : isIP(text)',
    replacement: "isIP(text)",
    tests: ["packages/haproxy-config-generator/test/configuration.test.ts"],
  },
  {
    name: "haproxy-config-generator/accepts-a-rule-after-the-last",
    file: "packages/haproxy-config-generator/src/rules.ts",
    text: "last !== -1 && index > last",
    replacement: "last !== -1 && index > last + 1",
    tests: ["packages/haproxy-config-generator/test/configuration.test.ts"],
  },
];
