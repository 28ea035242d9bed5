/** The lab below the Pulumi program: three bare hosts come up, and nothing of them is left when they go. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { run, succeeds } from "../../lab/command.ts";
import { type Lab, labDown, labSsh, labStatus, labUp, readLab } from "../../lab/lab.ts";
import { labPaths } from "../../lab/paths.ts";
import { labSkipReason } from "../fixtures/lab-machine.ts";

const skip = (await labSkipReason()) ?? ((await readLab()) ? "a lab is up on this machine" : false);
const work = { say: (line: string) => process.stderr.write(`${line}\n`) };
let lab: Lab;

before(async () => {
  if (skip === false) lab = await labUp(work);
});
after(async () => {
  if (skip === false) await labDown(work);
});

const on = async (host: string, command: string) => run(await labSsh(host, [command]));

test("three hosts answer SSH, and have neither Docker nor tinc", { skip }, async () => {
  const status = await labStatus();

  assert.deepEqual(
    status.map(({ name, answersSsh }) => [name, answersSsh]),
    [
      ["data", true],
      ["work1", true],
      ["work2", true],
    ],
  );
  for (const { name } of lab.hosts) assert.equal(await on(name, "command -v docker dockerd tincd || echo none"), "none");
});

test("every host has an SSH key of its own", { skip }, async () => {
  const keys = await Promise.all(lab.hosts.map(({ name }) => on(name, "cat /etc/ssh/ssh_host_ed25519_key.pub")));

  assert.equal(new Set(keys.map((key) => key.split(" ")[1])).size, lab.hosts.length);
});

test("a second up changes nothing and takes seconds", { skip }, async () => {
  const began = Date.now();
  const again = await labUp(work);

  assert.deepEqual(again, lab);
  assert.ok(Date.now() - began < 30_000);
});

test("a host installs Docker from the lab's packages, and runs an image from the lab's mirror", { skip, timeout: 300_000 }, async () => {
  const install = "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends docker.io docker-cli";
  await run(await labSsh("work2", [`${install} >&2`]), { timeoutSeconds: 200 });

  const version = await on(
    "work2",
    `docker pull -q ${lab.images.base} >&2 && docker run --rm --memory 256m ${lab.images.base} node --version`,
  );

  assert.match(version, /^v26\./);
});

test("a host reaches the website, and nothing outside the lab", { skip }, async () => {
  assert.match(await on("work1", `curl -fsS ${lab.site}/`), /<h1>/);
  if (lab.enter.length > 0)
    assert.equal(await on("work1", "curl -sS -m 3 http://192.0.2.1/ 2>/dev/null || echo unreachable"), "unreachable");
});

test("a host that is switched off and on answers again, and keeps its identity", { skip }, async () => {
  await on("work1", "touch /root/witness");

  await run(await labSsh("work1", ["systemctl reboot --force --force"])).catch(() => {});
  await labUp(work);

  assert.equal(await on("work1", "ls /root/witness"), "/root/witness");
});

test("down removes every namespace, mount, process and network, and can run twice", { skip }, async () => {
  const { name, state } = labPaths();

  await labDown(work);
  await labDown(work);

  assert.equal(existsSync(`/run/netns/${name}`), false);
  assert.equal(readFileSync("/proc/mounts", "utf8").includes(`/run/netns/${name} `), false);
  assert.equal(readFileSync("/proc/mounts", "utf8").includes(`${state}/`), false);
  assert.equal(existsSync(state), false);
  assert.equal(await succeeds(["ip", "link", "show", name]), false);
  assert.deepEqual(processesOf(`${name}.sock`), []);
});

/** Command lines that contain `text`. */
function processesOf(text: string): string[] {
  const lines = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    });
  return lines.filter((line) => line.includes(text) && line.startsWith("dockerd"));
}
