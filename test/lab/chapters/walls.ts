import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../../../lab/command.ts";
import { readFleet } from "../../../lab/fleet.ts";
import { scriptKey } from "../../../services/core/queue/redis-keys.ts";
import { derivePasswords, QUEUE_LOGINS } from "../../../stacks/config/passwords.ts";
import type { Role } from "../../../stacks/roles.ts";
import { on } from "../../fixtures/lab-fleet.ts";
import type { Chapter } from "./chapter.ts";

const SCAN = fileURLToPath(new URL("../../fixtures/scan-main.ts", import.meta.url));
const MESH_OF_DATA = "10.77.0.1";

interface Inspected {
  Name: string;
  HostConfig: { Memory: number; ReadonlyRootfs: boolean; CapDrop: string[] | null; Runtime: string };
  Config: object;
}

/** What each role's containers reach, of everything that they might try. */
const REACHES: [Role, string[]][] = [
  ["processor", ["redis:6379"]],
  ["fetcher", ["redis:6379", "balancer:25555", "198.51.100.10:80"]],
  ["renderer", ["balancer:25555", "198.51.100.10:80"]],
  ["webui", ["redis:6379", "postgres:5432", "balancer:25555", "198.51.100.10:80"]],
  ["result-worker", ["redis:6379", "postgres:5432"]],
  ["scheduler", ["redis:6379", "postgres:5432"]],
];
const TARGETS = [
  ...["redis:6379", "postgres:5432", "balancer:25555", "198.51.100.10:80"],
  ...[22, 2_377, 5_001, 5_432, 6_379].map((port) => `${MESH_OF_DATA}:${port}`),
  // The host's own bridge, and what a provider keeps for its machines.
  ...["172.17.0.1:22", "172.18.0.1:22", "169.254.169.254:80"],
];
const REFUSED_BY_REDIS = ["EVAL return 0", "KEYS *", "FLUSHALL", "CONFIG GET dir", "ACL LIST", "FUNCTION LIST", "SHUTDOWN", "GET another"];
const REFUSED_BY_POSTGRES = {
  scheduler: ["create table more (id int)", "update migrations set id = 0", "copy tasks to program $$true$$"],
  "result-worker": ["select script from projects", "delete from tasks", "insert into inbox values (default)"],
  webui: [
    "delete from projects",
    "begin; lock table projects; rollback",
    "delete from results",
    "select request from inbox",
    "update tasks set queue = 1",
  ],
};
/** Networks that a provider may give its machines beside the internet; all hosts get an address in each while the test runs. */
const PROVIDER_NETWORKS = ["10.99.0", "100.64.99", "169.254.99", "172.30.99", "192.168.99"];

/** One line a container, from the control groups of its first process: version 1 or 2. */
const LIMITS_IN_KERNEL = `for id in $(docker ps -q); do
  pid=$(docker inspect --format '{{.State.Pid}}' $id)
  first() { for path in "$@"; do if [ -r "$path" ]; then awk '{print $1}' "$path"; return; fi; done; echo none; }
  group() { awk -F : -v name="$1" '$2 == name || $2 ~ "(^|,)" name "(,|$)" {print $3; exit}' /proc/$pid/cgroup; }
  one=/sys/fs/cgroup; two=/sys/fs/cgroup$(awk -F : '$1 == 0 {print $3}' /proc/$pid/cgroup)
  echo "$(docker inspect --format '{{.Name}}' $id) pids=$(first $one/pids$(group pids)/pids.max $two/pids.max) quota=$(first $one/cpu$(group cpu)/cpu.cfs_quota_us $one/cpu,cpuacct$(group cpu)/cpu.cfs_quota_us $two/cpu.max) noNewPrivileges=$(awk '/^NoNewPrivs:/ {print $2}' /proc/$pid/status)"
done`;

/** Who gets in where, and what is to be seen from there. */
export function wallsChapter({ fleet, options }: Chapter): void {
  test("only TCP ports of SSH and the edge answer from the internet", options, async () => {
    const { hosts, enter } = fleet().lab;
    const open = JSON.parse(await run([...enter, process.execPath, SCAN, ...hosts.map(({ address }) => address)])) as object;

    assert.deepEqual(open, { "198.51.100.11": [22], "198.51.100.12": [22, 80], "198.51.100.13": [22, 80] });
  });

  test("Postgres and Redis refuse without their passwords, even in the mesh", options, async () => {
    const psql = (login: string, password: string) =>
      on(
        "data",
        `docker run --rm --network host --env PGPASSWORD=${password} $(docker inspect --format {{.Image}} orbweaver-postgres) psql -w -h ${MESH_OF_DATA} -U ${login} -d orbweaver -c 'select 1' 2>&1 || true`,
      );
    const redis = (command: string) =>
      on("work1", `bash -c "exec 3<>/dev/tcp/${MESH_OF_DATA}/6379; printf '${command}\\r\\n' >&3; head -n 1 <&3"`);

    assert.match(await psql("webui", ""), /no password supplied/);
    assert.match(await psql("webui", "wrong"), /password authentication failed/);
    assert.match(await psql("postgres", "wrong"), /pg_hba.conf rejects connection|password authentication failed/);
    assert.match(await redis("PING"), /^-NOAUTH/);
    assert.match(await redis("AUTH default wrong"), /^-WRONGPASS/);
  });

  test("a role's container reaches only what its work needs", options, async () => {
    const reached = await Promise.all(REACHES.map(async ([role]) => [role, await reachedFrom(await someHost(role), role, TARGETS)]));

    assert.deepEqual(reached, REACHES);
  });

  test("hosts reach each other in their provider's private networks, but no role's container does", options, async () => {
    const targets = PROVIDER_NETWORKS.map((network) => `${network}.1:22`);
    await using _networks = await joinProviderNetworks();

    const attempts = PROVIDER_NETWORKS.map((network) => `timeout 2 bash -c "exec 3<>/dev/tcp/${network}.1/22" && echo ${network}.1:22`);
    const fromHost = await on("work1", `${attempts.join("\n")}\ntrue`);
    const reached = await Promise.all(REACHES.map(async ([role]) => [role, await reachedFrom(await someHost(role), role, targets)]));

    assert.deepEqual(fromHost.trim().split("\n"), targets);
    assert.deepEqual(
      reached,
      REACHES.map(([role]) => [role, []]),
    );
  });

  test("every role's login is refused commands in Redis beyond its work", options, async () => {
    const secrets = new Map(await allSecrets());
    for (const login of QUEUE_LOGINS.filter((name) => name !== "operator")) {
      const own = login === "scheduler" ? ["OK", "1"] : ["NOPERM", "NOPERM"];
      const commands = [`SET ${scriptKey("of-a-test")} text`, `DEL ${scriptKey("of-a-test")}`, ...REFUSED_BY_REDIS];
      const lines = [`AUTH ${login} ${secrets.get(`queue password of ${login}`)}`, ...commands].join("\\n");
      const said = await on("data", `printf '${lines}\\n' | docker exec -i orbweaver-redis redis-cli`);

      const words = said.split("\n").flatMap((line) => line.trim().split(" ")[0] || []);
      assert.deepEqual(words, ["OK", ...own, ...REFUSED_BY_REDIS.map(() => "NOPERM")], `${login}: ${said}`);
    }
  });

  test("every role's login is refused statements in Postgres beyond its work", options, async () => {
    const secrets = new Map(await allSecrets());
    for (const [login, statements] of Object.entries(REFUSED_BY_POSTGRES)) {
      const password = secrets.get(`database password of ${login}`);
      const psql = `docker run --rm -i --network host --env PGPASSWORD=${password} $(docker inspect --format {{.Image}} orbweaver-postgres) psql -w -h ${MESH_OF_DATA} -U ${login} -d orbweaver 2>&1`;
      const said = await on("data", `printf '%s;\\n' ${statements.map((statement) => `'${statement}'`).join(" ")} | ${psql}`);

      assert.equal(
        said.split("\n").filter((line) => /^ERROR: +(permission denied|must be superuser)/.test(line)).length,
        statements.length,
        `${login}: ${said}`,
      );
    }
  });

  test("every container has limits, no capabilities and a read-only root", options, async () => {
    for (const { Name, HostConfig } of await inspectAll()) {
      assert.ok(HostConfig.Memory > 0 && HostConfig.ReadonlyRootfs && HostConfig.CapDrop?.includes("ALL"), Name);
      assert.equal(HostConfig.Runtime, "orbweaver", Name);
    }
  });

  test("the kernel bounds processes and CPU time of every container, and gives it no new privileges", options, async () => {
    for (const { name } of fleet().lab.hosts) {
      const lines = (await on(name, LIMITS_IN_KERNEL)).trim().split("\n");
      const containers = (await on(name, "docker ps -q")).trim().split("\n");
      assert.equal(lines.length, containers.length);
      for (const line of lines) assert.match(line, /^\S+ pids=1024 quota=[1-9]\d* noNewPrivileges=1$/, `${name}: ${line}`);
    }
  });

  test("Chromium's renderers run in separate namespaces with their own root", options, async () => {
    const container = `$(docker ps -q --filter ${labelOf("renderer")} | head -n 1)`;
    const host = await someHost("renderer");
    const metrics = await on(
      host,
      `docker exec ${container} bash -c "exec 3<>/dev/tcp/127.0.0.1/25555; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"`,
    );

    assert.match(metrics, /^orb_chromium_sandbox 1$/m);
  });

  test("the kernel confines scripts in the processors' containers", options, async () => {
    const host = await someHost("processor");
    const log = await on(host, `docker logs $(docker ps -q --filter ${labelOf("processor")} | head -n 1) 2>&1`);

    assert.match(log, /The kernel confines scripts \(no new privileges, seccomp, Landlock \d+, limits; user 10001\)\./);
  });

  test("no password is in a container's settings, a log, a process argument or the engine's state", options, async () => {
    const secrets = await allSecrets();
    const shown = [
      { place: "docker inspect", text: JSON.stringify((await inspectAll()).map(({ Config }) => Config)) },
      ...(await Promise.all(
        fleet().lab.hosts.map(async ({ name }) => ({
          place: `logs and processes of ${name}`,
          text: await on(name, "ps axww; for id in $(docker ps -aq); do docker logs $id 2>&1; done; journalctl --no-pager"),
        })),
      )),
      ...(await stateFiles()),
    ];

    for (const { place, text } of shown) {
      for (const [name, secret] of secrets) assert.ok(!isIn(text, secret), `${name} is in ${place}`);
    }
  });

  /** `data` gets `.1` of each network, the others what follows. */
  async function joinProviderNetworks(): Promise<AsyncDisposable> {
    const device = "$(ip -oneline -4 address show to 198.51.100.0/24 | awk '{print $2; exit}')";
    const change = async (action: "replace" | "delete") => {
      for (const [index, { name }] of fleet().lab.hosts.entries()) {
        const addresses = PROVIDER_NETWORKS.map((network) => `${network}.${index + 1}/24`);
        await on(name, addresses.map((address) => `ip address ${action} ${address} dev ${device}`).join("\n"));
      }
    };
    await change("replace");
    return { [Symbol.asyncDispose]: () => change("delete") };
  }

  async function someHost(role: Role): Promise<string> {
    for (const { name } of fleet().lab.hosts) if ((await on(name, `docker ps -q --filter ${labelOf(role)}`)) !== "") return name;
    throw new Error(`${role} runs nowhere`);
  }

  async function inspectAll(): Promise<Inspected[]> {
    const texts = await Promise.all(fleet().lab.hosts.map(({ name }) => on(name, "docker inspect $(docker ps -q)")));
    return texts.flatMap((text) => JSON.parse(text) as Inspected[]);
  }
}

const labelOf = (role: Role) => `label=com.docker.swarm.service.name=${role}`;

/** The targets that let a connection in from a container of a role. */
async function reachedFrom(host: string, role: Role, among: readonly string[]): Promise<string[]> {
  const attempt = `const net = require("node:net");
    const reach = (target) => new Promise((resolve) => {
      const [host, port] = target.split(":");
      const socket = net.connect({ host, port, timeout: 10000 });
      const end = (isReached) => { socket.destroy(); resolve(isReached); };
      socket.once("connect", () => end(true)).once("error", () => end(false)).once("timeout", () => end(false));
    });
    const targets = ${JSON.stringify(among)};
    Promise.all(targets.map(reach)).then((reached) => console.log(JSON.stringify(targets.filter((_, index) => reached[index]))));`;
  const container = `$(docker ps -q --filter ${labelOf(role)} | head -n 1)`;
  const text = await on(host, `echo ${Buffer.from(attempt).toString("base64")} | base64 -d | docker exec -i ${container} node -`);
  return JSON.parse(text) as string[];
}

/** By what they are for. */
async function allSecrets(): Promise<[string, string][]> {
  const known = await readFleet();
  assert.ok(known);
  const { directory, environment } = known;
  const secret = await run(["pulumi", "config", "get", "orbweaver:secret", "--stack", "lab"], { directory, environment });
  const { database, queue, adminToken } = derivePasswords(secret);
  const named = (kind: string, passwords: Record<string, string>) =>
    Object.entries(passwords).map(([login, password]): [string, string] => [`${kind} password of ${login}`, password]);
  return [["the stack's secret", secret], ["the token", adminToken], ...named("database", database), ...named("queue", queue)];
}

/** The stack's config, and its state with all its history, as they lie on the operator's disk. */
async function stateFiles(): Promise<{ place: string; text: string }[]> {
  const directory = (await readFleet())?.directory ?? "";
  const paths = globSync("{Pulumi.lab.yaml,backend/.pulumi/**/*.json}", { cwd: directory });
  assert.ok(paths.length > 2);
  return paths.map((path) => ({ place: path, text: readFileSync(join(directory, path), "utf8") }));
}

const isIn = (text: string, secret: string) =>
  [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)].some((form) => text.includes(form));
