/**
 * What a changed input does to a resource: the lab's stand-ins say the same as the real plugins, which are asked if they are installed.
 *
 * The table is from the plugins' sources (`ForceNew` in terraform-provider-docker, internal/provider/resource_docker_*.go; pulumi-command,
 * provider/pkg/provider/local) and from what the real ones answered.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findProgram } from "../../../lab/command.ts";
import type { Values } from "../../../lab/providers/protocol/kind.ts";
import { type DiffKind, type ProviderPlugin, startPlugin } from "../../fixtures/provider-plugin.ts";

interface Row {
  /** What is changed. */
  change: string;
  /** Replaces inputs at the top level. */
  to: Values;
  diff: DiffKind;
}

interface Table {
  plugin: "docker" | "command";
  type: string;
  inputs: Values;
  /** What the real plugin adds to the state of a new resource. */
  computed?: Values;
  rows: Row[];
}

const IMAGE = (digit: string) => `10.77.0.1:5001/orbweaver/webui@sha256:${digit.repeat(64)}`;
const LABELS = [
  { label: "a", value: "1" },
  { label: "b", value: "2" },
];
const CONTAINER_SPEC = {
  image: IMAGE("0"),
  user: "10001:10001",
  readOnly: true,
  commands: ["env"],
  args: ["A=1", "node", "main.ts"],
  env: { ORB_NODE: "{{.Node.Hostname}}" },
  mounts: [{ type: "tmpfs", target: "/tmp", tmpfsOptions: { sizeBytes: 16_777_216, mode: 511 } }],
  secrets: [
    { secretId: "s1", secretName: "one", fileName: "/run/one", fileUid: "10001", fileGid: "10001", fileMode: 256 },
    { secretId: "s2", secretName: "two", fileName: "/run/two", fileUid: "10001", fileGid: "10001", fileMode: 256 },
  ],
  healthcheck: { tests: ["CMD", "true"], interval: "3s", timeout: "10s", retries: 3, startPeriod: "55s" },
  stopGracePeriod: "30s",
};
const CONSTRAINTS = ["engine.labels.place==worker", "node.labels.images==yes"];
const TASK_SPEC = {
  forceUpdate: 0,
  containerSpec: CONTAINER_SPEC,
  networksAdvanceds: [{ id: "n1" }, { id: "n2" }],
  placement: { constraints: CONSTRAINTS, prefs: ["node.id"], platforms: [{ os: "linux", architecture: "amd64" }] },
  resources: { limits: { memoryBytes: 268_435_456 }, reservation: { memoryBytes: 67_108_864 } },
  restartPolicy: { condition: "any", delay: "1s", window: "0s" },
};
const task = (change: Values) => ({ taskSpec: { ...TASK_SPEC, ...change } });
const spec = (change: Values) => task({ containerSpec: { ...CONTAINER_SPEC, ...change } });
const [SECRET_ONE, SECRET_TWO] = CONTAINER_SPEC.secrets;

const SERVICE: Table = {
  plugin: "docker",
  type: "docker:index/service:Service",
  inputs: {
    name: "webui",
    labels: LABELS,
    mode: { replicated: { replicas: 2 } },
    taskSpec: TASK_SPEC,
    endpointSpec: { mode: "dnsrr" },
    updateConfig: { order: "start-first", parallelism: 1, delay: "0s", monitor: "5s", failureAction: "rollback", maxFailureRatio: "0.0" },
  },
  rows: [
    { change: "nothing", to: {}, diff: "none" },
    { change: "its name", to: { name: "other" }, diff: "replace" },
    { change: "the number of replicas", to: { mode: { replicated: { replicas: 4 } } }, diff: "update" },
    { change: "a label", to: { labels: [{ label: "a", value: "3" }, LABELS[1]] }, diff: "update" },
    { change: "the order of labels", to: { labels: LABELS.toReversed() }, diff: "none" },
    { change: "the image", to: spec({ image: IMAGE("1") }), diff: "update" },
    { change: "the arguments", to: spec({ args: ["A=2", "node", "main.ts"] }), diff: "update" },
    { change: "the order of arguments", to: spec({ args: CONTAINER_SPEC.args.toReversed() }), diff: "update" },
    { change: "a variable", to: spec({ env: { ORB_NODE: "a" } }), diff: "update" },
    {
      change: "another secret",
      to: spec({ secrets: [SECRET_ONE, { ...SECRET_TWO, secretId: "s3", secretName: "three" }] }),
      diff: "update",
    },
    { change: "the order of secrets", to: spec({ secrets: [SECRET_TWO, SECRET_ONE] }), diff: "none" },
    { change: "the health check", to: spec({ healthcheck: { ...CONTAINER_SPEC.healthcheck, interval: "5s" } }), diff: "update" },
    { change: "the user", to: spec({ user: "0:0" }), diff: "update" },
    {
      change: "a mount's size",
      to: spec({ mounts: [{ type: "tmpfs", target: "/tmp", tmpfsOptions: { sizeBytes: 33_554_432, mode: 511 } }] }),
      diff: "update",
    },
    { change: "another network", to: task({ networksAdvanceds: [{ id: "n1" }, { id: "n2" }, { id: "n3" }] }), diff: "replace" },
    { change: "a network less", to: task({ networksAdvanceds: [{ id: "n1" }] }), diff: "replace" },
    { change: "the order of networks", to: task({ networksAdvanceds: [{ id: "n2" }, { id: "n1" }] }), diff: "none" },
    { change: "a number that forces an update", to: task({ forceUpdate: 1 }), diff: "update" },
    { change: "a constraint", to: task({ placement: { ...TASK_SPEC.placement, constraints: ["node.role==worker"] } }), diff: "update" },
    {
      change: "the order of constraints",
      to: task({ placement: { ...TASK_SPEC.placement, constraints: CONSTRAINTS.toReversed() } }),
      diff: "none",
    },
    {
      change: "the memory limit",
      to: task({ resources: { ...TASK_SPEC.resources, limits: { memoryBytes: 1_073_741_824 } } }),
      diff: "update",
    },
    { change: "the endpoint mode", to: { endpointSpec: { mode: "vip" } }, diff: "update" },
    { change: "how it updates", to: { updateConfig: { order: "stop-first", parallelism: 2 } }, diff: "update" },
  ],
};

const PORTS = [
  { ip: "10.77.0.1", external: 5_432, internal: 5_432, protocol: "tcp" },
  { ip: "10.77.0.1", external: 5_433, internal: 5_433, protocol: "tcp" },
];
const HEALTHCHECK = { tests: ["CMD", "true"], interval: "5s", timeout: "10s", retries: 3, startPeriod: "55s" };
const VOLUMES = [
  { hostPath: "/data/a", containerPath: "/a", readOnly: false },
  { hostPath: "/data/c", containerPath: "/c", readOnly: true },
];
const CONTAINER: Table = {
  plugin: "docker",
  type: "docker:index/container:Container",
  inputs: {
    name: "orbweaver-postgres",
    image: "sha256:aaaa",
    runtime: "orbweaver",
    user: "postgres",
    entrypoints: ["start"],
    envs: ["A=1", "B=2"],
    restart: "always",
    readOnly: true,
    tmpfs: { "/tmp": "mode=1777,size=64m" },
    capabilities: { drops: ["ALL"] },
    memory: 256,
    memorySwap: 256,
    shmSize: 64,
    ports: PORTS,
    networksAdvanced: [{ name: "bridge" }, { name: "store", aliases: ["postgres"] }],
    volumes: VOLUMES,
    labels: LABELS,
    healthcheck: HEALTHCHECK,
    wait: true,
    waitTimeout: 120,
    destroyGraceSeconds: 60,
    stopTimeout: 60,
  },
  computed: {
    ...{ command: [], securityOpts: [], networkDatas: [], memoryReservation: 0 },
    ...{ attach: false, logs: false, rm: false, stdinOpen: false, tty: false },
  },
  rows: [
    { change: "nothing", to: {}, diff: "none" },
    { change: "its name", to: { name: "other" }, diff: "replace" },
    { change: "the image", to: { image: "sha256:bbbb" }, diff: "replace" },
    { change: "the runtime", to: { runtime: "runc" }, diff: "replace" },
    { change: "the user", to: { user: "root" }, diff: "replace" },
    { change: "the entry point", to: { entrypoints: ["other"] }, diff: "replace" },
    { change: "a variable", to: { envs: ["A=1", "B=3"] }, diff: "replace" },
    { change: "the order of variables", to: { envs: ["B=2", "A=1"] }, diff: "none" },
    { change: "the restart policy", to: { restart: "no" }, diff: "update" },
    { change: "memory", to: { memory: 512, memorySwap: 512 }, diff: "update" },
    { change: "shared memory", to: { shmSize: 128 }, diff: "replace" },
    { change: "a tmpfs, which does not reach it", to: { tmpfs: { "/tmp": "mode=1777,size=8m" } }, diff: "update" },
    { change: "capabilities", to: { capabilities: { drops: ["NET_RAW"] } }, diff: "replace" },
    { change: "a port", to: { ports: [PORTS[0]] }, diff: "replace" },
    { change: "a network less", to: { networksAdvanced: [{ name: "bridge" }] }, diff: "replace" },
    { change: "a label", to: { labels: [LABELS[0]] }, diff: "replace" },
    { change: "the order of labels", to: { labels: LABELS.toReversed() }, diff: "none" },
    { change: "the health check, which does not reach it", to: { healthcheck: { ...HEALTHCHECK, interval: "3s" } }, diff: "update" },
    { change: "the time that its removal may take", to: { destroyGraceSeconds: 30 }, diff: "update" },
    { change: "the time that its end may take", to: { stopTimeout: 30 }, diff: "replace" },
    {
      change: "the order of networks",
      to: { networksAdvanced: [{ name: "store", aliases: ["postgres"] }, { name: "bridge" }] },
      diff: "none",
    },
    {
      change: "another volume in front",
      to: { volumes: [{ hostPath: "/data/b", containerPath: "/b", readOnly: true }, ...VOLUMES] },
      diff: "replace",
    },
    { change: "the order of volumes", to: { volumes: VOLUMES.toReversed() }, diff: "none" },
    { change: "the wait for its health", to: { wait: false, waitTimeout: 60 }, diff: "update" },
  ],
};

const NETWORK: Table = {
  plugin: "docker",
  type: "docker:index/network:Network",
  inputs: {
    name: "store",
    driver: "overlay",
    attachable: true,
    internal: true,
    options: { "com.docker.network.driver.mtu": "1350" },
    ipamConfigs: [{ subnet: "10.78.0.0/24" }],
    labels: LABELS,
  },
  rows: [
    { change: "nothing", to: {}, diff: "none" },
    { change: "its name", to: { name: "other" }, diff: "replace" },
    { change: "internal", to: { internal: false }, diff: "replace" },
    { change: "an option", to: { options: { "com.docker.network.driver.mtu": "1400" } }, diff: "replace" },
    { change: "the range", to: { ipamConfigs: [{ subnet: "10.79.0.0/24" }] }, diff: "replace" },
    { change: "a label", to: { labels: [LABELS[0]] }, diff: "replace" },
    { change: "the order of labels", to: { labels: LABELS.toReversed() }, diff: "none" },
  ],
};

const SECRET: Table = {
  plugin: "docker",
  type: "docker:index/secret:Secret",
  inputs: { name: "webui-token-1", data: "b25l" },
  rows: [
    { change: "nothing", to: {}, diff: "none" },
    { change: "its name", to: { name: "webui-token-2" }, diff: "replace" },
    { change: "its data", to: { data: "dHdv" }, diff: "replace" },
  ],
};

const COMMAND: Table = {
  plugin: "command",
  type: "command:local:Command",
  inputs: {
    create: "ssh host bash -s",
    update: "ssh host bash -s",
    delete: "ssh host sh -c true",
    stdin: "echo 1",
    environment: { A: "1" },
    logging: "none",
    addPreviousOutputInEnv: false,
  },
  rows: [
    { change: "nothing", to: {}, diff: "none" },
    { change: "its input", to: { stdin: "echo 2" }, diff: "update" },
    { change: "its command", to: { create: "ssh other bash -s", update: "ssh other bash -s" }, diff: "update" },
    { change: "what removes it", to: { delete: "ssh host sh -c false" }, diff: "update" },
    { change: "its environment", to: { environment: { A: "2" } }, diff: "update" },
  ],
};

const PLUGINS = {
  docker: { settings: { host: "ssh://root@127.0.0.1:1", disableDockerDaemonCheck: true } },
  command: { settings: {} },
};
const standInOf = (plugin: Table["plugin"]): [string, string] => [
  process.execPath,
  fileURLToPath(new URL(`../../../lab/providers/${plugin}/main.ts`, import.meta.url)),
];

for (const plugin of ["docker", "command"] as const) {
  const real = await findProgram(`pulumi-resource-${plugin}`);
  const ways: [string, [string, ...string[]], string | false][] = [
    ["stand-in", standInOf(plugin), false],
    ["real plugin", [real ?? ""], real === undefined && `pulumi-resource-${plugin} is not on PATH`],
  ];
  for (const [way, command, skip] of ways) {
    let asked: ProviderPlugin;
    before(async () => {
      if (skip === false) asked = await startPlugin(command, PLUGINS[plugin].settings);
    });
    after(async () => {
      if (skip === false) await asked[Symbol.asyncDispose]();
    });
    for (const { type, inputs, computed, rows } of [SERVICE, CONTAINER, NETWORK, SECRET, COMMAND].filter(
      (table) => table.plugin === plugin,
    )) {
      test(`the ${way} plans changes of ${type.split(":").at(-1)} as the table says: none, update or replacement`, {
        skip,
      }, async () => {
        const found: Record<string, DiffKind> = {};
        for (const { change, to } of rows)
          found[change] = await asked.diff(type, { before: inputs, after: { ...inputs, ...to }, computed });

        assert.deepEqual(found, Object.fromEntries(rows.map(({ change, diff }) => [change, diff])));
      });
    }
  }
}
