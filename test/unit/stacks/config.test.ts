import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "js-yaml";
import { BadInputError } from "../../../services/core/errors.ts";
import { managersOf, parseStackConfig } from "../../../stacks/config.ts";

const SECRET = "5".repeat(32);
const data = { name: "data", address: "203.0.113.10", meshIp: "10.77.0.1", role: "data", memory: "2GiB" };
const work1 = { name: "work1", address: "203.0.113.11", meshIp: "10.77.0.2", role: "worker", edge: true, memory: "2GiB" };
const work2 = { ...work1, name: "work2", address: "203.0.113.12", meshIp: "10.77.0.3" };
const good = { hosts: [data, work1, work2], ssh: { privateKeyPath: "~/.ssh/id_ed25519" }, secret: SECRET };

test("the least config gets the reference deployment's numbers", () => {
  const { replicas, limitsMiB, restart, hosts } = parseStackConfig(good);

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

test("a host's own ssh settings take the place of those of all hosts, one by one", () => {
  const { hosts } = parseStackConfig({
    hosts: [data, { ...work1, ssh: { port: 2_222, proxy: "admin@198.51.100.7" } }, work2],
    ssh: { user: "debian" },
    secret: SECRET,
  });

  assert.deepEqual(
    hosts.map(({ ssh }) => ssh),
    [
      { user: "debian", port: 22 },
      { user: "debian", port: 2_222, proxy: "admin@198.51.100.7" },
      { user: "debian", port: 22 },
    ],
  );
});

test("what is written takes the place of one default, and leaves the others", () => {
  const { replicas, limitsMiB, images, restart } = parseStackConfig({
    ...good,
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

test("Pulumi.example.yaml is a good config once it has a secret", () => {
  const { config } = load(readFileSync("Pulumi.example.yaml", "utf8")) as { config: Record<string, unknown> };
  const values = Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace(/^orbweaver:/, ""), value]));

  const fleet = parseStackConfig({ ...values, secret: SECRET });

  assert.deepEqual(fleet, parseStackConfig(good));
});

const without = (key: keyof typeof good) => Object.fromEntries(Object.entries(good).filter(([name]) => name !== key));
const withHosts = (...hosts: object[]) => ({ ...good, hosts });

/** Name, config, and the one problem's path, value and remedy. */
const refused: [string, object, string, unknown, RegExp][] = [
  [
    "two hosts with one mesh address",
    withHosts(data, work1, { ...work2, meshIp: "10.77.0.2" }),
    "hosts[2].meshIp",
    "10.77.0.2",
    /hosts\[1\] has it/,
  ],
  ["two hosts with one name", withHosts(data, work1, { ...work2, name: "work1" }), "hosts[2].name", "work1", /hosts\[1\] has it/],
  [
    "two hosts with one address",
    withHosts(data, work1, { ...work2, address: "203.0.113.11" }),
    "hosts[2].address",
    "203.0.113.11",
    /hosts\[1\]/,
  ],
  [
    "a public mesh address",
    withHosts(data, work1, { ...work2, meshIp: "203.0.114.3" }),
    "hosts[2].meshIp",
    "203.0.114.3",
    /10\.0\.0\.0\/8/,
  ],
  [
    "a mesh address in another network",
    withHosts(data, work1, { ...work2, meshIp: "10.78.0.3" }),
    "hosts[2].meshIp",
    "10.78.0.3",
    /10\.77\.0\.0\/24/,
  ],
  [
    "a mesh address that ends in 255",
    withHosts(data, work1, { ...work2, meshIp: "10.77.0.255" }),
    "hosts[2].meshIp",
    "10.77.0.255",
    /10\.77/,
  ],
  ["a host name with a hyphen", withHosts(data, work1, { ...work2, name: "work-2" }), "hosts[2].name", "work-2", /no hyphen/],
  ["an unknown role of a host", withHosts(data, work1, { ...work2, role: "scheduler" }), "hosts[2].role", "scheduler", /data or worker/],
  ["an unknown role in replicas", { ...good, replicas: { spider: 2 } }, "replicas.spider", 2, /no such setting/],
  ["an unknown setting", { ...good, replica: {} }, "replica", {}, /write one of hosts, ssh, hostKeys, secret/],
  ["a limit above a host's memory", { ...good, limits: { renderer: "3GiB" } }, "limits.renderer", "3GiB", /work1 has 2GiB/],
  ["a size without a unit", { ...good, limits: { renderer: 512 } }, "limits.renderer", 512, /512MiB/],
  ["a missing secret", without("secret"), "secret", undefined, /pulumi config set --secret/],
  ["a host key that is none", { ...good, hostKeys: { work1: "ssh-rsa AAAA" } }, "hostKeys.work1", "ssh-rsa AAAA", /ssh-ed25519/],
  ["no hosts", without("hosts"), "hosts", undefined, /one data host/],
  ["no data host", withHosts({ ...data, role: "worker", memory: "4GiB" }, work1, work2), "hosts", undefined, /role data/],
  [
    "two data hosts",
    withHosts(data, { ...data, name: "data2", address: "203.0.113.13", meshIp: "10.77.0.4" }, work1, work2),
    "hosts[1].role",
    "data",
    /one data host/,
  ],
  ["no edge", withHosts(data, { ...work1, edge: false }, { ...work2, edge: false }), "hosts", undefined, /edge: true/],
  ["a public data host", withHosts({ ...data, edge: true }, work1, work2), "hosts[0].edge", true, /worker/],
  ["too many replicas", { ...good, replicas: { webui: 32 } }, "replicas.webui", 32, /1 to 31/],
  ["no web UI", { ...good, replicas: { webui: 0 } }, "replicas.webui", 0, /1 to 31/],
  ["a rate of restarts below a minute", { ...good, restart: "minutely" }, "restart", "minutely", /OnCalendar/],
  ["TLS, which the edge does not speak yet", { ...good, domain: "crawl.example.org" }, "domain", "crawl.example.org", /no such setting/],
  ["an image without a tag", { ...good, images: { redis: "redis" } }, "images.redis", "redis", /digest/],
  ["a range that is none", { ...good, allowAddresses: ["10.0.0.0"] }, "allowAddresses[0]", "10.0.0.0", /10\.0\.0\.0\/8/],
];

for (const [name, values, path, value, remedy] of refused) {
  test(`${name} is refused`, () => {
    const problems = problemsOf(values);

    assert.deepEqual(
      problems.map((problem) => [problem.path, problem.value]),
      [[`orbweaver:${path}`, value]],
    );
    assert.match(problems[0]?.remedy ?? "", remedy);
  });
}

test("reservations that do not fit the workers name each host", () => {
  const problems = problemsOf({ ...good, replicas: { renderer: 16 } });

  assert.deepEqual(
    problems.map(({ path }) => path),
    ["orbweaver:hosts[1].memory", "orbweaver:hosts[2].memory"],
  );
  assert.match(problems[0]?.remedy ?? "", /reserves \d+ MiB, and 160 more/);
});

test("limits of more than 1.5 times a host's memory name each host", () => {
  const problems = problemsOf({ ...good, limits: { renderer: "600MiB" } });

  assert.deepEqual(
    problems.map(({ path }) => path),
    ["orbweaver:hosts[1].memory", "orbweaver:hosts[2].memory"],
  );
  assert.match(problems[0]?.remedy ?? "", /add up to 3248 MiB, more than 1\.5 times/);
});

test("all problems are reported at once", () => {
  const problems = problemsOf({
    ...withHosts({ ...data, meshIp: "8.8.8.8" }, work1, { ...work2, address: work1.address }),
    ssh: { prot: 1 },
    secret: "short",
  });

  assert.deepEqual(problems.map(({ path }) => path).sort(), [
    "orbweaver:hosts[0].meshIp",
    "orbweaver:hosts[2].address",
    "orbweaver:secret",
    "orbweaver:ssh.prot",
  ]);
});

test("a refused secret is never shown", () => {
  assert.throws(
    () => parseStackConfig({ ...good, secret: "hunter2" }),
    (error: Error) => !error.message.includes("hunter2"),
  );
});

test("three hosts or more are managed by the first three, fewer by the first alone", () => {
  const { hosts } = parseStackConfig(good);

  assert.deepEqual(managersOf(hosts), hosts);
  assert.deepEqual(managersOf(hosts.slice(0, 2)), hosts.slice(0, 1));
});

function problemsOf(values: object) {
  try {
    parseStackConfig(values as Record<string, unknown>);
  } catch (error) {
    if (error instanceof BadInputError) return error.problems;
    throw error;
  }
  return [];
}
