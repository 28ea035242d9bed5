/** The README's commands for a fleet and those of docs/fleet.md, word by word, on bare hosts, with the Node that is on PATH. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { dump, load } from "js-yaml";
import { findProgram } from "../../lab/command.ts";
import { readFleet, type LabFleet as Stack } from "../../lab/fleet.ts";
import { type Lab, readLab } from "../../lab/lab.ts";
import { type CheckoutCopy, copyCheckout } from "../fixtures/checkout-copy.ts";
import { ask, on, orb } from "../fixtures/lab-fleet.ts";
import { labSkipReason } from "../fixtures/lab-machine.ts";
import { chapterOf } from "../fixtures/markdown.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";
import { until } from "../fixtures/until.ts";

const read = (file: string) => readFileSync(resolve(import.meta.dirname, "../..", file), "utf8");
/** From nothing to the token, and what follows "cp": there, one writes one's hosts. */
const [COPY = "", ...COMMANDS] =
  /```sh\n([\s\S]+?)```/
    .exec(chapterOf(read("README.md"), "A fleet"))?.[1]
    ?.trim()
    .split("\n") ?? [];
/** Commands of the table, without those that never end, take minutes or need a lost host; they have tests of their own. */
const TABLE = [...chapterOf(read("docs/fleet.md"), "Commands").matchAll(/^\| `(\.\/orb [^`]+)` \|/gm)].flatMap(([, command = ""]) =>
  /orb (up|open|host|logs|restart|cancel)/.test(command) ? [] : [command],
);
const skip =
  process.env.TEST_LONG === "1"
    ? ((await labSkipReason()) ?? ((await readLab()) ? "a lab is up on this machine" : false))
    : "a second fleet from bare hosts on takes long: ./orb test --all --long";
const hasLanguageHost = (await findProgram("pulumi-language-nodejs")) !== undefined;
const options = { skip, timeout: 900_000 };
const plain = { ...options, skip: skip || (!hasLanguageHost && "needs pulumi-language-nodejs on PATH") };
let lab: Lab;
let stack: Stack;
let checkout: CheckoutCopy;
let home: ReturnType<typeof temporaryDirectory>;

before(
  async () => {
    if (skip !== false) return;
    const { code, stderr } = await orb("lab", "up", "--bare");
    assert.equal(code, 0, stderr);
    const [known, fleet] = [await readLab(), await readFleet()];
    assert.ok(known && fleet);
    [lab, stack] = [known, fleet];
    checkout = copyCheckout({});
    home = temporaryDirectory();
  },
  { timeout: 900_000 },
);
after(async () => {
  if (skip !== false) return;
  checkout[Symbol.dispose]();
  home[Symbol.dispose]();
  await orb("lab", "down");
});

test("the commands create a fleet of bare hosts, and print the token for its web UI", options, async () => {
  await sh([COPY]);
  writeHosts();
  const { stdout } = await sh(COMMANDS);

  const token = stdout.trim().split("\n").at(-1) ?? "";
  const url = `http://${lab.hosts.find(({ name }) => name === "work1")?.address}`;
  const authorization = { authorization: `Bearer ${token}` };
  assert.equal((await ask(lab, { url: `${url}/api/v1/projects`, headers: authorization })).status, 200);
  assert.equal((await ask(lab, { url: `${url}/api/v1/projects` })).status, 401);
});

test("'pulumi preview', without ./orb, finds nothing to do", plain, async () => {
  await sh(["pulumi preview --expect-no-changes"]);
});

test("'pulumi refresh' and 'pulumi up', without ./orb, change nothing", plain, async () => {
  await sh([
    "pulumi refresh --yes --skip-preview",
    "pulumi preview --expect-no-changes",
    "pulumi up --yes --skip-preview --expect-no-changes",
  ]);
});

for (const command of TABLE) {
  test(`${command} does what the table states`, options, async () => {
    // Without a terminal it reports that and does nothing.
    await sh([command.startsWith("./orb destroy") ? `${command} --yes` : command]);
  });
}

test("'pulumi destroy', without ./orb, removes a fleet", plain, async () => {
  await sh(["./orb up --yes", "pulumi destroy --yes --skip-preview"]);

  const list = "docker ps --all --quiet; docker network ls --quiet --filter name=orbweaver";
  const left = async () => (await Promise.all(lab.hosts.map(({ name }) => on(name, list)))).join("");
  await until("no container and no network is left", async () => (await left()) === "");
});

/** As an operator does who follows the example; with the lab's key, because ssh looks for `~` in the user's own home. */
function writeHosts(): void {
  const path = join(checkout.path, "Pulumi.fleet.yaml");
  const { config } = load(readFileSync(path, "utf8")) as { config: Record<string, unknown> };
  const of = load(readFileSync(join(stack.directory, "Pulumi.lab.yaml"), "utf8")) as { config: Record<string, unknown> };
  const ofLab = Object.fromEntries(
    ["hosts", "ssh", "images", "allowAddresses"].map((key) => [`orbweaver:${key}`, of.config[`orbweaver:${key}`]]),
  );
  writeFileSync(path, dump({ config: { ...config, ...ofLab } }));
}

/** Runs lines of a shell like a user who has just logged in, with access to the lab's hosts. */
async function sh(lines: string[]): Promise<{ stdout: string }> {
  const [program = "", ...args] = [...lab.enter, "sh", "-e", "-c", lines.join("\n")];
  const path = (stack.environment.PATH ?? "").split(delimiter).filter((folder) => !folder.endsWith("node_modules/.bin"));
  const env = {
    PATH: path.join(delimiter),
    HOME: home.path,
    PULUMI_SKIP_UPDATE_CHECK: "1",
    // 'pulumi login --local' means the home of the user's account, whatever HOME says.
    PULUMI_HOME: join(home.path, ".pulumi"),
    PULUMI_BACKEND_URL: `file://${home.path}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(home.path, ".orbweaver-passphrase"),
  };
  const shell = spawn(program, args, { cwd: checkout.path, env, stdio: ["ignore", "pipe", "inherit"] });
  let stdout = "";
  shell.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const [code] = (await once(shell, "close")) as [number | null];
  assert.equal(code, 0, `${lines.join("\n")}\n${stdout}`);
  return { stdout };
}
