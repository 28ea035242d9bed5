/** From three bare hosts to a fleet that crawls, and day-to-day work on it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { findProgram, succeeds } from "../../lab/command.ts";
import { type Lab, readLab } from "../../lab/lab.ts";
import { GROUPS } from "../../stacks/roles.ts";
import { ask, containerIds, on, orb, orbJson } from "../fixtures/lab-fleet.ts";
import { labSkipReason } from "../fixtures/lab-machine.ts";
import { expectedPages } from "../fixtures/site-kinds.ts";
import { renderedSiteScript } from "../fixtures/site-script.ts";
import { until } from "../fixtures/until.ts";

/** What the lab's website has. */
const PAGES = 1_000;
const CRAWL_MS = 300_000;
const hasEngine = (await findProgram("pulumi")) !== undefined || (await findProgram("go")) !== undefined;
const skip =
  (await labSkipReason()) ?? ((await readLab()) ? "a lab is up on this machine" : !hasEngine && "neither pulumi nor go is on this machine");
const story = { skip, timeout: 900_000 };

interface Outcome {
  edge: string;
  changes: Record<"create" | "update" | "replace" | "delete" | "same", number>;
  seconds: number;
}

let lab: Lab;
let token: string;
let edge: string;

before(
  async () => {
    if (skip !== false) return;
    const outcome = await orbJson<Outcome>("lab", "up");
    assert.ok(outcome.changes.create > 50 && outcome.changes.delete === 0, JSON.stringify(outcome));
    edge = outcome.edge;
    const found = await readLab();
    assert.ok(found);
    lab = found;
    token = (await orb("token", "--stack", "lab")).stdout.trim();
  },
  { timeout: 2_400_000 },
);
after(async () => {
  if (skip === false) await orb("lab", "down");
});

async function api(method: string, path: string, body?: object): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}) };
  const answer = await ask(lab, { url: `${edge}/api/v1${path}`, method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.text;
}

const inDatabase = async (query: string) =>
  on("data", `docker exec orbweaver-postgres psql -h /tmp -U postgres -d orbweaver -At -c "${query}"`);

/** All ids that are in `before` and not in `now`, by role. */
const gone = (before: Map<string, string[]>, now: Map<string, string[]>) =>
  Object.fromEntries(
    [...before].map(([role, ids]) => [role, ids.filter((id) => !now.get(role)?.includes(id)).length]).filter(([, count]) => count !== 0),
  );

test("every page of the site that can succeed is one row of results in Postgres, those that need JavaScript included", story, async () => {
  const began = Date.now();
  await api("PUT", "/projects/site", { script: renderedSiteScript(lab.site), status: "RUNNING", rate: 1_000, burst: 1_000 });
  await api("POST", "/projects/site/run");
  let first = 0;
  await until(
    "nothing is pending",
    async () => {
      const [pending, success] = (await inDatabase("select pending, success from project_totals where project = 'site'"))
        .split("|")
        .map(Number);
      if (first === 0 && Number(success) > 0) first = Date.now() - began;
      return pending === 0 && Number(success) > PAGES / 2;
    },
    CRAWL_MS,
  );
  process.stderr.write(`first result after ${first / 1_000} s; ${PAGES} pages in ${(Date.now() - began) / 1_000} s\n`);

  const exported = (await api("GET", "/projects/site/results?format=jsonl")).trim().split("\n");
  const rows = exported.map((line) => (JSON.parse(line) as { result: { url: string; title: string } }).result);
  const crawled = rows
    .map(({ url, title }) => `${url.replace("#rendered", "")} ${title}`)
    .filter((row) => !row.startsWith(`${lab.site}/ `));
  const expected = expectedPages(PAGES).map(({ finalPath, title }) => `${lab.site}${finalPath} ${title}`);
  assert.deepEqual(crawled.sort(), expected.sort());
  assert.equal(Number(await inDatabase("select count(*) from results where project = 'site'")), rows.length);
});

test("a second up changes nothing", story, async () => {
  const { changes } = await orbJson<Outcome>("up", "--stack", "lab");

  assert.deepEqual({ ...changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
});

test("status says that all is well", story, async () => {
  const { problems } = await orbJson<{ problems: string[] }>("status", "--stack", "lab");

  assert.deepEqual(problems, []);
});

test("logs come from every host that runs the role", story, async () => {
  const { code, stdout } = await orb("logs", "fetcher", "--stack", "lab", "--lines", "5");

  assert.equal(code, 0);
  assert.deepEqual(
    [
      ...new Set(
        stdout
          .trim()
          .split("\n")
          .map((line) => line.split(" ")[0]),
      ),
    ].sort(),
    ["work1", "work2"],
  );
});

test("8 web UIs to 4 removes four containers and nothing else", story, async () => {
  const earlier = await containerIds(lab);
  const { changes } = await orbJson<Outcome>("scale", "webui=4", "--stack", "lab");

  assert.deepEqual([changes.update, changes.create + changes.replace + changes.delete], [1, 0]);
  await until("four web UIs are left", async () => (await containerIds(lab)).get("webui")?.length === 4, 60_000);
  const now = await containerIds(lab);
  assert.deepEqual(gone(earlier, now), { webui: 4 });
  assert.deepEqual(gone(now, earlier), {});
});

test("the scheduled restart renews the five groups and nothing else; scaling after it keeps every other container", story, async () => {
  const earlier = await containerIds(lab);
  // As the timers do: on every manager at once. One of them acts.
  await Promise.all(
    lab.hosts.map(({ name }) =>
      on(name, "systemctl is-active --quiet orbweaver-restart.timer && systemctl start orbweaver-restart.service"),
    ),
  );
  const renewed = await containerIds(lab);

  assert.deepEqual(gone(earlier, renewed), Object.fromEntries(GROUPS.map((group) => [group, earlier.get(group)?.length])));
  await orbJson<Outcome>("scale", "webui=2", "--stack", "lab");
  await until("two web UIs are left", async () => (await containerIds(lab)).get("webui")?.length === 2, 60_000);
  assert.deepEqual(gone(renewed, await containerIds(lab)), { webui: 2 });
});

test("a restart of one role renews its replicas alone", story, async () => {
  const earlier = await containerIds(lab);
  const { restarted } = await orbJson<{ restarted: string[] }>("restart", "fetcher", "--stack", "lab");

  assert.deepEqual(restarted, ["fetcher"]);
  assert.deepEqual(gone(earlier, await containerIds(lab)), { fetcher: 2 });
});

test("no secret is in what docker inspect shows; limits are set, capabilities dropped, the root read-only", story, async () => {
  for (const { name } of lab.hosts) {
    const containers = JSON.parse(await on(name, "docker inspect $(docker ps -q)")) as Inspected[];
    for (const { Name: container, HostConfig: host, Config: settings } of containers) {
      assert.ok(host.Memory > 0 && host.ReadonlyRootfs && host.CapDrop?.includes("ALL"), container);
      const text = JSON.stringify(settings);
      assert.ok(!text.includes(token) && !/:\/\/[^"/]*:[^"/]+@/.test(text), `${container} shows a secret`);
    }
  }
});

interface Inspected {
  Name: string;
  HostConfig: { Memory: number; ReadonlyRootfs: boolean; CapDrop: string[] | null };
  Config: object;
}

test("destroy takes all containers away and keeps the data", story, async () => {
  const { changes } = await orbJson<Outcome>("destroy", "--stack", "lab");

  assert.ok(changes.delete > 50);
  for (const { name } of lab.hosts) assert.equal(await on(name, "docker ps -aq"), "");
  assert.match(await on("data", "ls /data/orbweaver"), /postgres/);
});

test("down leaves no container, network, namespace, mount or process", story, async () => {
  const { code } = await orb("lab", "down");

  assert.equal(code, 0);
  assert.equal(await succeeds(["test", "-e", "/run/netns/orbweaver-lab"]), false);
  assert.equal(await succeeds(["pgrep", "-f", "orbweaver-lab.sock"]), false);
  assert.equal(await succeeds(["grep", "-q", "orbweaver/lab", "/proc/self/mounts"]), false);
});
