import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type HostScript, renderHostScript } from "../../../../stacks/render/host-script.ts";
import { checkRecordsCommand } from "../../../../stacks/render/record-script.ts";

/** A folder that stands for a host, with the scripts that make and check it. */
class Host {
  readonly path = mkdtempSync(join(tmpdir(), "orb-host-"));
  readonly script: HostScript = {
    timeoutSeconds: 10,
    files: [{ path: `${this.path}/it's a file`, content: "declared", mode: "644" }],
    after: `cp '${this.path}/list' '${this.path}/copy'`,
    madeFiles: [`${this.path}/copy`],
    checks: [
      { what: "the list", command: `cat ${this.path}/list` },
      { what: "the unit", command: `cat ${this.path}/unit`, expected: "enabled active" },
    ],
  };

  constructor() {
    this.write("list", "one 1\ntwo 2\n");
    this.write("unit", "enabled active\n");
  }

  write = (name: string, text: string) => writeFileSync(join(this.path, name), text);

  make(run: number): void {
    const { status, stderr } = this.#run("bash", renderHostScript(this.script, { resource: "work1-mesh", run }));
    assert.equal(status, 0, stderr);
  }

  /** What the check prints, without the host's own path. */
  check(): string[] {
    const { status, stdout, stderr } = this.#run("sh", checkRecordsCommand());
    assert.deepEqual([status, stderr], [0, ""]);
    return stdout.replaceAll(`${this.path}/`, "").split("\n").filter(Boolean).sort();
  }

  #run(shell: string, text: string) {
    const input = text.replaceAll("/etc/orbweaver", `${this.path}/etc`).replaceAll("/run/lock", this.path);
    return spawnSync(shell, ["-s"], { input, encoding: "utf8" });
  }

  [Symbol.dispose]() {
    rmSync(this.path, { recursive: true });
  }
}

test("a bare host has no records", () => {
  using host = new Host();

  assert.deepEqual(host.check(), []);
});

test("an unchanged host has its run and no drift", () => {
  using host = new Host();

  host.make(17);

  assert.deepEqual(host.check(), ["made work1-mesh 17"]);
  assert.equal(statSync(`${host.path}/etc/made`).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(`${host.path}/etc/made`), ["work1-mesh"]);
});

for (const [what, change, expected] of [
  ["a changed file", (host) => host.write("it's a file", "by hand"), "it's a file was changed"],
  ["a removed file", (host) => rmSync(`${host.path}/it's a file`), "it's a file is missing"],
  ["another mode", (host) => chmodSync(`${host.path}/it's a file`, 0o600), "it's a file has mode 600 instead of 644"],
  ["a changed file that the script copied", (host) => host.write("copy", "by hand"), "copy was changed"],
  ["another state", (host) => host.write("unit", "disabled active"), 'the unit: "disabled active" instead of "enabled active"'],
  ["another line of a longer state", (host) => host.write("list", "one 1\ntwo 3\n"), 'the list: "two 3" instead of "two 2"'],
  ["a long line", (host) => host.write("list", `one 1\ntwo ${"2".repeat(70)}\n`), "the list: its two was changed"],
  ["a missing state", (host) => rmSync(`${host.path}/list`), "the list is missing"],
] as const satisfies [string, (host: Host) => void, string][]) {
  test(`${what} is one drift, and the next run repairs it`, () => {
    using host = new Host();
    host.make(17);

    change(host);

    assert.deepEqual(host.check(), [`drift work1-mesh ${expected}`, "made work1-mesh 17"]);
    host.write("list", "one 1\ntwo 2\n");
    host.write("unit", "enabled active\n");
    host.make(18);
    assert.deepEqual(host.check(), ["made work1-mesh 18"]);
  });
}

test("the state is unknown if it cannot be read", () => {
  using host = new Host();
  host.make(17);

  rmSync(`${host.path}/unit`);
  mkdirSync(`${host.path}/unit`);

  assert.match(host.check().at(-1) ?? "", /^unknown work1-mesh the unit: cat: .*Is a directory/);
});
