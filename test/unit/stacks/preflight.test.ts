import assert from "node:assert/strict";
import { test } from "node:test";
import type { Host } from "../../../stacks/config.ts";
import { hostProblems, parseFacts } from "../../../stacks/preflight.ts";
import { BARE_HOST } from "../../fixtures/host-facts.ts";

const host: Host = {
  name: "work1",
  address: "203.0.113.11",
  meshIp: "10.77.0.2",
  role: "worker",
  isEdge: true,
  memoryMiB: 4_096,
  cores: 2,
  ssh: { user: "root", port: 22 },
};
const problemsOf = (answer: string) => hostProblems({ host, index: 1 }, parseFacts(answer)).map(({ path, remedy }) => `${path}: ${remedy}`);
const without = (line: RegExp) => BARE_HOST.replace(line, "");

test("a bare host can be in the fleet", () => {
  assert.deepEqual(problemsOf(BARE_HOST), []);
});

for (const [what, answer, problem] of [
  ["another user than root", BARE_HOST.replace("user 0", "user 1000"), /hosts\[1\]\.name: the SSH user is not root/],
  ["another system", BARE_HOST.replace("debian 12", "ubuntu 24.04"), /it runs Debian GNU\/Linux 12 \(bookworm\): Debian 12 or newer/],
  ["an old Debian", BARE_HOST.replace("debian 12", "debian 11"), /Debian 12 or newer is needed/],
  ["a processor without images", BARE_HOST.replace("x86_64", "armv7l"), /it has a armv7l processor/],
  ["a container without systemd", without(/systemd yes\n/), /does not run systemd/],
  ["no tunnels", without(/tun yes\n/), /no \/dev\/net\/tun/],
  ["too little memory", BARE_HOST.replace("3915", "480"), /it has 480 MiB of memory: 900 MiB are the least/],
  ["less memory than its config says", BARE_HOST.replace("3915", "1985"), /hosts\[1\]\.memory: the host has 1985 MiB/],
  ["a full disk", BARE_HOST.replace("35000", "900"), /it has 900 MiB of free disk/],
  ["a web server of its own", `${BARE_HOST}listens 80 apache2\n`, /apache2 listens on its port 80/],
] as const) {
  test(`${what} is refused at preview`, () => {
    const problems = problemsOf(answer);

    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", problem);
  });
}

test("everything that is wrong with a host is said at once", () => {
  assert.equal(problemsOf("Welcome\n").length, 6);
});

test("a server on a port that its host does not need is left alone", () => {
  assert.deepEqual(problemsOf(`${BARE_HOST}listens 5432 postgres\n`), []);
});

test("services are read as a manager describes them, and other lines left out", () => {
  const { services } = parseFacts("Welcome\nservice webui 3 57 0f3c completed\nservice fetcher 0 12 - -\n");

  assert.deepEqual(
    [...services],
    [
      ["webui", { forcedRolls: 3, version: 57, declared: "0f3c", updateState: "completed" }],
      ["fetcher", { forcedRolls: 0, version: 12, declared: "", updateState: "" }],
    ],
  );
});
