import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../../../lab/command.ts";
import { readFleet } from "../../../lab/fleet.ts";
import { derivePasswords } from "../../../stacks/config/passwords.ts";
import type { Role } from "../../../stacks/roles.ts";
import { on } from "../../fixtures/lab-fleet.ts";
import type { Chapter } from "./chapter.ts";

const SCAN = fileURLToPath(new URL("../../fixtures/scan-main.ts", import.meta.url));
const MESH_OF_DATA = "10.77.0.1";

interface Inspected {
  Name: string;
  HostConfig: { Memory: number; ReadonlyRootfs: boolean; CapDrop: string[] | null };
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

/** Who gets in where, and what is to be seen from there. */
export function wallsChapter({ fleet, options }: Chapter): void {
  test("from the internet only SSH and the edge answer, of all TCP ports", options, async () => {
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

  test("a role's container reaches what its work needs, and nothing else", options, async () => {
    const reached = await Promise.all(REACHES.map(async ([role]) => [role, await reachedFrom(await someHost(role), role)]));

    assert.deepEqual(reached, REACHES);
  });

  test("every container has a limit, no capability and a read-only root", options, async () => {
    for (const { Name, HostConfig } of await inspectAll()) {
      assert.ok(HostConfig.Memory > 0 && HostConfig.ReadonlyRootfs && HostConfig.CapDrop?.includes("ALL"), Name);
    }
  });

  test("no password is in a container's settings, a log, an argument of a process, or in what the engine keeps", options, async () => {
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
async function reachedFrom(host: string, role: Role): Promise<string[]> {
  const attempt = `const net = require("node:net");
    const reach = (target) => new Promise((resolve) => {
      const [host, port] = target.split(":");
      const socket = net.connect({ host, port, timeout: 10000 });
      const end = (isReached) => { socket.destroy(); resolve(isReached); };
      socket.once("connect", () => end(true)).once("error", () => end(false)).once("timeout", () => end(false));
    });
    const targets = ${JSON.stringify(TARGETS)};
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
