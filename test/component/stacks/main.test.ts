import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import fleet from "../../../stacks/main.ts";
import { BARE_HOST } from "../../fixtures/host-facts.ts";

interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

const STACK = "component-test";
const ROOT = join(import.meta.dirname, "../../..");
const referencesOf = (names: string[]) => Object.fromEntries(names.map((name) => [name, `10.77.0.1:5001/orbweaver/${name}@sha256:d`]));
const PRINTED: Record<string, object> = {
  bootstrap: { publicKey: "-----BEGIN RSA PUBLIC KEY-----\nMIIB\n-----END RSA PUBLIC KEY-----\n" },
  "swarm-lead": { manager: "SWMTKN-manager", worker: "SWMTKN-worker", root: "r00t" },
  "swarm-roles": [],
  "data-settings": { postgres: "sha256:a", redis: "sha256:b", registry: "sha256:c" },
  "bases-build": referencesOf(["base", "chromium", "haproxy", "nginx"]),
  "roles-build": referencesOf(["renderer", "fetcher", "processor", "result-worker", "webui", "scheduler"]),
};
const KNOWN_TYPES =
  /^(command:local:Command|docker:index\/(network:Network|container:Container|service:Service|secret:Secret)|pulumi:(providers:docker|pulumi:Stack)|orbweaver:\w+)/;
const SECRET = "0123456789abcdef0123456789abcdef";

const declared: Declared[] = [];
const directory = mkdtempSync(join(tmpdir(), "orb-stack-"));
const stackDirectory = join(ROOT, ".orb/stacks", STACK);

before(async () => {
  writeFileSync(join(directory, "key"), "a private key");
  // The hosts are names in a config: this is what each says of itself.
  writeFileSync(join(directory, "ssh"), `#!/bin/sh\ncat <<'END'\n${BARE_HOST}END\n`, { mode: 0o755 });
  process.env.PATH = `${directory}:${process.env.PATH}`;
  mkdirSync(stackDirectory, { recursive: true });
  writeFileSync(
    join(stackDirectory, "known_hosts"),
    ["data", "work1", "work2"].map((name) => `${name} ssh-ed25519 AAAA${name}\n`).join(""),
  );
  const hosts = [
    { name: "data", address: "198.51.100.11", meshIp: "10.77.0.1", role: "data", memory: "2GiB" },
    { name: "work1", address: "198.51.100.12", meshIp: "10.77.0.2", role: "worker", edge: true, memory: "4GiB" },
    { name: "work2", address: "198.51.100.13", meshIp: "10.77.0.3", role: "worker", memory: "4GiB" },
  ];
  pulumi.runtime.setAllConfig({
    "orbweaver:hosts": JSON.stringify(hosts),
    "orbweaver:ssh": JSON.stringify({ user: "root", privateKeyPath: join(directory, "key") }),
    "orbweaver:secret": SECRET,
    "orbweaver:replicas": JSON.stringify({ renderer: 1, fetcher: 1, processor: 2, "result-worker": 1, webui: 2, scheduler: 1 }),
  });
  await pulumi.runtime.setMocks(
    {
      call: ({ token }) => {
        throw new Error(`The program asked for ${token}`);
      },
      newResource: ({ type, name, inputs }) => {
        if (!KNOWN_TYPES.test(type)) throw new Error(`The program declared a ${type}`);
        declared.push({ type, name, inputs });
        const printed = Object.entries(PRINTED).find(([suffix]) => name.endsWith(suffix))?.[1];
        const node = /^(.+)-swarm$/.exec(name)?.[1];
        const stdout = node === undefined ? JSON.stringify(printed ?? "") : `node-of-${node}`;
        return { id: `${name}-id`, state: { ...inputs, stdout } };
      },
    },
    "orbweaver",
    STACK,
    false,
  );
  await pulumi.runtime.runInPulumiStack(fleet);
  await pulumi.runtime.disconnect();
});
after(() => {
  rmSync(directory, { recursive: true, force: true });
  rmSync(stackDirectory, { recursive: true, force: true });
});

const of = (type: string) => declared.filter((resource) => resource.type === type);

test("every role is a service with its replicas, and the data services are containers on the data host", () => {
  const replicas = of("docker:index/service:Service").map(({ name, inputs }) => [name, JSON.stringify(inputs.mode)]);
  const containers = of("docker:index/container:Container").map(({ name }) => name);

  assert.deepEqual(
    Object.fromEntries(replicas),
    Object.fromEntries(
      Object.entries({ renderer: 1, fetcher: 1, processor: 2, "result-worker": 1, webui: 2, scheduler: 1 }).map(([role, count]) => [
        role,
        `{"replicated":{"replicas":${count}}}`,
      ]),
    ),
  );
  assert.deepEqual(containers.sort(), ["postgres", "redis", "registry", "work1-balancer", "work1-edge", "work2-balancer"]);
});

test("replicas run where the images are, and Swarm is told of it by the IDs of the nodes", () => {
  const constraints = of("docker:index/service:Service").map(
    ({ inputs }) => (inputs.taskSpec as { placement: { constraints: string[] } }).placement.constraints,
  );
  const script = String(declared.find(({ name }) => name === "image-nodes")?.inputs.stdin);

  for (const each of constraints) assert.ok(each.includes("node.labels.orbweaver.images==ready"));
  assert.match(script, /for id in node-of-data node-of-work1 node-of-work2; do/);
});

test("no container but an edge listens on more than its mesh address", () => {
  const published = of("docker:index/container:Container").flatMap(({ inputs }) => (inputs.ports ?? []) as { ip: string }[]);
  const onHostNetwork = of("docker:index/container:Container").filter(({ inputs }) => inputs.networkMode === "host");

  assert.ok(published.length > 0);
  assert.deepEqual([...new Set(published.map(({ ip }) => ip))].sort(), ["10.77.0.1", "10.77.0.2", "10.77.0.3"]);
  assert.deepEqual(
    onHostNetwork.map(({ name }) => name),
    ["work1-edge"],
  );
});

test("every container and service drops all capabilities and has a read-only root", () => {
  const containers = of("docker:index/container:Container").map(({ inputs }) => [
    inputs.readOnly,
    (inputs.capabilities as { drops: string[] }).drops,
  ]);
  const services = of("docker:index/service:Service").map(({ inputs }) => {
    const { readOnly, capDrops } = (inputs.taskSpec as { containerSpec: { readOnly: boolean; capDrops: string[] } }).containerSpec;
    return [readOnly, capDrops];
  });

  for (const hardening of [...containers, ...services]) assert.deepEqual(hardening, [true, ["ALL"]]);
});

test("no password stands in a command, an environment or a name", () => {
  const shown = declared.map(({ type, name, inputs }) => {
    const { stdin: _stdin, data: _data, ...rest } = inputs;
    return JSON.stringify({ type, name, rest });
  });

  const passwords = of("docker:index/secret:Secret").map(({ inputs }) => Buffer.from(String(inputs.data), "base64").toString());
  assert.ok(passwords.length > 0);
  for (const text of shown) {
    assert.ok(!text.includes(SECRET));
    for (const password of passwords) assert.ok(!text.includes(password), `${password.slice(0, 12)}… in ${text.slice(0, 80)}`);
  }
});
