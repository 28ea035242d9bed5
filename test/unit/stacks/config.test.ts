import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "js-yaml";
import { parseStackConfig } from "../../../stacks/config.ts";
import { managersOf } from "../../../stacks/swarm-plan.ts";
import { GOOD, readConfig, withHosts, withSettings, withWorker } from "../../fixtures/stack-configs.ts";

test("the minimal config gets the reference deployment's numbers", () => {
  const { replicas, limitsMiB, restart, hosts } = parseStackConfig(GOOD);

  assert.deepEqual(replicas, { renderer: 4, fetcher: 2, processor: 4, "result-worker": 2, webui: 8, scheduler: 2 });
  assert.equal(limitsMiB.renderer, 512);
  assert.equal(restart, "hourly");
  assert.deepEqual(hosts[1], {
    name: "work1",
    address: "203.0.113.11",
    meshIp: "10.77.0.2",
    role: "worker",
    isEdge: true,
    memoryMiB: 2_048,
    cores: 1,
    ssh: { user: "root", privateKeyPath: "~/.ssh/id_ed25519", port: 22 },
  });
});

test("each ssh setting of a host replaces the one of all hosts", () => {
  const changed = withHosts({}, { ssh: { port: 2_222, proxy: "admin@198.51.100.7" } });

  const { hosts } = parseStackConfig({ ...changed, ssh: { user: "debian" } });

  assert.deepEqual(
    hosts.map(({ ssh }) => ssh),
    [
      { user: "debian", port: 22 },
      { user: "debian", port: 2_222, proxy: "admin@198.51.100.7" },
      { user: "debian", port: 22 },
    ],
  );
});

test("a setting replaces one default, and leaves the others", () => {
  const { replicas, limitsMiB, images, restart } = parseStackConfig({
    ...GOOD,
    replicas: { webui: 4 },
    limits: { webui: "300MiB" },
    images: { redis: `mirror.example/redis@sha256:${"a".repeat(64)}` },
    restart: "never",
  });

  assert.deepEqual([replicas.webui, replicas.renderer], [4, 4]);
  assert.deepEqual([limitsMiB.webui, limitsMiB.fetcher], [300, 128]);
  assert.match(images.redis, /^mirror/);
  assert.equal(restart, undefined);
});

test("Pulumi.example.yaml is a valid config once it has a secret", () => {
  const { config } = load(readFileSync("Pulumi.example.yaml", "utf8")) as { config: Record<string, unknown> };
  const values = Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace(/^orbweaver:/, ""), value]));

  const fleet = parseStackConfig({ ...values, secret: GOOD.secret });

  assert.deepEqual(fleet, parseStackConfig(GOOD));
});

test("all problems are reported at once", () => {
  const hosts = withHosts({ meshIp: "8.8.8.8" }, {}, { address: "203.0.113.11" });

  const { problems } = readConfig({ ...hosts, ssh: { prot: 1 }, secret: "short" });

  assert.deepEqual(problems.map(({ path }) => path).sort(), [
    "orbweaver:hosts[0].meshIp",
    "orbweaver:hosts[2].address",
    "orbweaver:secret",
    "orbweaver:ssh.prot",
  ]);
});

test("a problem has the given value, unless it was missing", () => {
  const { problems } = readConfig({ ...withWorker({ address: "203.0.113" }), restart: undefined, secret: undefined });

  assert.deepEqual(
    problems.map(({ path, value }) => [path, value]),
    [
      ["orbweaver:secret", undefined],
      ["orbweaver:hosts[2].address", "203.0.113"],
    ],
  );
});

test("addresses are normalized to one form", () => {
  const addresses = ["2001:DB8:0:0::A", "Work2.Example.org"].map(
    (address) => readConfig(withWorker({ address })).config?.hosts[2]?.address,
  );

  assert.deepEqual(addresses, ["2001:db8::a", "work2.example.org"]);
});

for (const [what, settings] of [
  ["a refused secret", { secret: "hunter2" }],
  ["a secret under a misspelt name", { certficate: "hunter2" }],
  ["a secret in another section", { ssh: { password: "hunter2" } }],
  ["a secret in a list", { acme: [{ password: "hunter2" }] }],
  ["a secret in place of the hosts", { hosts: { password: "hunter2" } }],
] as const) {
  test(`${what} is never shown`, () => {
    assert.throws(
      () => parseStackConfig(withSettings(settings)),
      (error: Error) => !error.message.includes("hunter2"),
    );
  });
}

test("three or more hosts are managed by the first three, fewer hosts by the first alone", () => {
  const { hosts } = parseStackConfig(GOOD);

  assert.deepEqual(managersOf(hosts), hosts);
  assert.deepEqual(managersOf(hosts.slice(0, 2)), hosts.slice(0, 1));
});
