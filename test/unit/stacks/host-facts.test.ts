import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../../../services/core/protocol/errors.ts";
import type { Host } from "../../../stacks/config.ts";
import { fleetProblems, hostProblems, parseFacts } from "../../../stacks/host-facts.ts";
import { BARE_HOST, WORK1 } from "../../fixtures/host-facts.ts";

const host = WORK1;
/** In seconds since 1970. */
const NOW = 1_800_000_000;
const said = ({ path, remedy }: Problem) => `${path}: ${remedy}`;
const problemsOf = (answer: string) => hostProblems({ host, index: 1 }, parseFacts(answer, NOW)).map(said);
const without = (line: RegExp) => BARE_HOST.replace(line, "");

test("a bare host is accepted into the fleet", () => {
  assert.deepEqual(problemsOf(BARE_HOST), []);
});

for (const [what, answer, problem] of [
  [
    "a user without sudo",
    `login deploy\n${BARE_HOST.replace("user 0", "user 1000")}`,
    /hosts\[1\]\.name: the user deploy may not become root there without a password: .*"deploy ALL=\(ALL\) NOPASSWD: ALL"/,
  ],
  ["another system", BARE_HOST.replace("debian 12", "ubuntu 24.04"), /it runs Debian GNU\/Linux 12 \(bookworm\): Debian 12 or newer/],
  ["an old Debian", BARE_HOST.replace("debian 12", "debian 11"), /Debian 12 or newer is needed/],
  ["a processor without images", BARE_HOST.replace("x86_64", "armv7l"), /it has a armv7l processor/],
  ["a container without systemd", without(/systemd yes\n/), /does not run systemd/],
  ["no tunnels", without(/tun yes\n/), /no \/dev\/net\/tun/],
  ["too little memory", BARE_HOST.replace("3915", "480"), /it has 480 MiB of memory: at least 900 MiB are needed/],
  ["less memory than its config says", BARE_HOST.replace("3915", "1985"), /hosts\[1\]\.memory: the host has 1985 MiB/],
  ["a full disk", BARE_HOST.replace("35000", "900"), /it has 900 MiB of free disk/],
  ["a web server of its own", `${BARE_HOST}listens 80 apache2\n`, /apache2 listens on its port 80/],
  ["ufw", `${BARE_HOST}firewall ufw\n`, /ufw is active there .* run "ufw disable"/],
  ["firewalld", `${BARE_HOST}firewall firewalld\n`, /firewalld is active there .* run "systemctl disable --now firewalld"/],
  ["a clock that is behind", `${BARE_HOST}clock ${NOW - 3_600}\n`, /its clock is 3600 s behind this machine's/],
  ["a clock that is ahead", `${BARE_HOST}clock ${NOW + 61}\n`, /its clock is 61 s ahead of this machine's/],
  ["an old Docker", `${BARE_HOST}docker 19.03.15\n`, /its Docker is 19\.03\.15: update it to 20\.10/],
  ["containers of another owner", `${BARE_HOST}docker 26.1.5\nforeignContainer shop\nforeignContainer blog\n`, /\(shop, blog\)/],
  [
    "a swarm of another owner",
    `${BARE_HOST}docker 26.1.5\nforeignSwarm yes\n`,
    /it belongs to another swarm: run "docker swarm leave --force"/,
  ],
  ["a network in the mesh's range", `${BARE_HOST}route 10.77.0.0/24 eth1\n`, /hosts\[1\]\.meshIp: it reaches 10\.77\.0\.0\/24 by eth1/],
  ["a network around the mesh's range", `${BARE_HOST}route 10.64.0.0/10 tailscale0\n`, /hosts\[1\]\.meshIp: it reaches 10\.64\.0\.0\/10/],
  ["a network in the containers' range", `${BARE_HOST}route 10.201.7.0/24 eth1\n`, /the fleet's containers have 10\.201\.0\.0\/16/],
  ["a network in the edge's range", `${BARE_HOST}route 10.202.0.0/28 br-6f2a\n`, /the fleet's containers have 10\.202\.0\.0\/24/],
] as const) {
  test(`${what} is refused at preview`, () => {
    const problems = problemsOf(answer);

    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", problem);
  });
}

test("all problems of a host are reported at once", () => {
  assert.equal(problemsOf("Welcome\n").length, 6);
});

test("a server on a port that its host does not need is ignored", () => {
  assert.deepEqual(problemsOf(`${BARE_HOST}listens 5432 postgres\n`), []);
});

test("after a member left a swarm, its swarm port does not prevent the next join", () => {
  const listening = `${BARE_HOST}docker 26.1.5\nlistens 7946 dockerd\n`;

  assert.deepEqual(problemsOf(`${listening}member yes\n`), []);
  assert.equal(problemsOf(listening).length, 1);
});

test("services are parsed from a manager's output, and other lines are ignored", () => {
  const { services } = parseFacts("Welcome\nservice webui 3 57 0f3c completed\nservice fetcher 0 12 - -\n", NOW);

  assert.deepEqual(
    [...services],
    [
      ["webui", { forcedRolls: 3, version: 57, declared: "0f3c", updateState: "completed" }],
      ["fetcher", { forcedRolls: 0, version: 12, declared: "", updateState: "" }],
    ],
  );
});

test("Docker without containers, other private networks and a small clock offset are accepted", () => {
  assert.deepEqual(problemsOf(`${BARE_HOST}docker 29.0.1\nroute 172.17.0.0/16 docker0\nroute 10.0.0.0/24 eth1\nclock ${NOW - 59}\n`), []);
});

test("the fleet's own networks are accepted on a member", () => {
  const own = "member yes\nroute 10.77.0.0/24 orbmesh\nroute 10.202.0.0/24 br-6f2a\nroute 10.201.1.0/24 docker_gwbridge\n";

  assert.deepEqual(problemsOf(`${BARE_HOST}${own}`), []);
  assert.equal(problemsOf(`${BARE_HOST}${own}route 10.77.0.0/24 eth1\n`).length, 1);
});

const fleetOf = (...answers: [name: string, role: Host["role"], answer: string][]) =>
  fleetProblems(
    answers.map(([name, role, answer], index) => ({ host: { ...host, name, role }, index, facts: parseFacts(answer, NOW) })),
  ).map(said);

test("a host with a different processor type than the data host is reported", () => {
  const problems = fleetOf(
    ["work1", "worker", BARE_HOST.replace("x86_64", "aarch64")],
    ["data", "data", BARE_HOST],
    ["work2", "worker", BARE_HOST],
  );

  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? "", /hosts\[0\]\.name: it has aarch64 processors and data has x86_64/);
});

test("one machine under two names is reported", () => {
  const problems = fleetOf(
    ["data", "data", `${BARE_HOST}machineId 34e37c21e9a2\n`],
    ["work1", "worker", `${BARE_HOST}machineId 0123456789ab\n`],
    ["work2", "worker", `${BARE_HOST}machineId 34e37c21e9a2\n`],
  );

  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? "", /hosts\[2\]\.name: it is the same machine as data/);
});
