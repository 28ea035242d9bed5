/**
 * Question: is there a stack config that we accept and a host's own programs refuse?
 * Workload: random calendar expressions, and random stack configs; what each accepted one becomes goes to systemd-analyze, nft, haproxy, nginx and bash.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { checkConfiguration, noHaproxy } from "../../../packages/haproxy-config-generator/test/check-configuration.ts";
import { calendarProblem } from "../../../stacks/config/calendar.ts";
import type { FleetConfig } from "../../../stacks/config.ts";
import { fewerRuns } from "../../fixtures/arbitraries.ts";
import { noNamespaces } from "../../fixtures/network-namespaces.ts";
import { type RenderedFleet, renderFleet } from "../../fixtures/rendered-fleet.ts";
import { anyCalendar, anyStackConfig } from "../../fixtures/stack-config-arbitraries.ts";
import { readConfig } from "../../fixtures/stack-configs.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

const noSystemd = spawnSync("systemd-analyze", ["--version"]).error ? "systemd-analyze is not installed" : false;
const noNginx = spawnSync("nginx", ["-v"]).error ? "nginx is not installed" : false;

/** What systemd says about a calendar expression; empty if it takes it. */
function systemdProblem(expression: string): string {
  const { status, stdout, stderr } = spawnSync("systemd-analyze", ["calendar", "--", expression], { encoding: "utf8" });
  if (status !== 0) return stderr;
  return /Next elapse: never/.test(stdout) ? "it never comes" : "";
}

test("systemd accepts every schedule that we accept, and each one occurs", { skip: noSystemd }, () => {
  let accepted = 0;
  const property = fc.property(anyCalendar, (expression) => {
    if (expression === "never" || calendarProblem(expression) !== undefined) return;
    accepted++;

    assert.equal(systemdProblem(expression), "", expression);
  });

  const { numRuns } = fewerRuns(3);
  fc.assert(property, { numRuns });

  assert.ok(accepted > numRuns / 10, `${accepted} of ${numRuns} were accepted`);
});

test("systemd refuses every schedule that we refuse, except days counted from the end of a month", { skip: noSystemd }, () => {
  const property = fc.property(anyCalendar, (expression) => {
    if (expression.includes("~") || !/a calendar expression of systemd/.test(calendarProblem(expression) ?? "")) return;

    assert.notEqual(systemdProblem(expression), "", expression);
  });

  fc.assert(property, fewerRuns(2));
});

/** What a program says about the configs' text; empty if it takes it. */
const programs: [string, { skip: string | false }, (fleet: RenderedFleet) => string][] = [
  ["nft", { skip: noNamespaces }, ({ firewalls }) => firewalls.slice(0, 2).map(nftProblem).join("")],
  ["haproxy", { skip: noHaproxy }, ({ balancers }) => balancers.slice(0, 1).map(checkConfiguration).join("")],
  ["nginx", { skip: noNginx }, ({ edges }) => edges.map(nginxProblem).join("")],
  ["bash", { skip: false }, ({ scripts }) => bashProblem(scripts.join("\n"))],
];

for (const [name, options, problemOf] of programs) {
  test(`${name} accepts the files of every accepted stack config`, options, () => {
    const property = fc.property(anyFleet, (config) => {
      assert.equal(problemOf(renderFleet(config)), "");
    });

    fc.assert(property, fewerRuns(0.07));
  });
}

/** Of accepted stack configs. */
const anyFleet: fc.Arbitrary<FleetConfig> = anyStackConfig
  .map((values) => readConfig(values).config)
  .filter((config) => config !== undefined);

const nftProblem = (rules: string) => spawnSync("nft", ["--check", "--file", "-"], { input: rules, encoding: "utf8" }).stderr;
const bashProblem = (script: string) => spawnSync("bash", ["-n"], { input: script, encoding: "utf8" }).stderr;

function nginxProblem(render: RenderedFleet["edges"][number]): string {
  using directory = temporaryDirectory();
  const places = { cacheDirectory: `${directory.path}/cache`, runDirectory: `${directory.path}/run` };
  // Started by root, nginx works as another user.
  chmodSync(directory.path, 0o755);
  for (const folder of Object.values(places)) mkdirSync(folder);
  writeFileSync(`${directory.path}/nginx.conf`, render({ ...places, ports: { http: 18_081, https: 18_444 } }));
  const { status, stderr } = spawnSync("nginx", ["-t", "-q", "-c", `${directory.path}/nginx.conf`, "-e", "stderr"], { encoding: "utf8" });
  return status === 0 ? "" : stderr;
}
