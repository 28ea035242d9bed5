import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createLog } from "../../../services/core/runtime/log.ts";
import { renderMetrics } from "../../../services/core/runtime/metrics.ts";
import { findChromium } from "../../../services/renderer/find-chromium.ts";
import { rendererDefaults, type SandboxMode } from "../../../services/renderer/settings.ts";
import { ChromiumStarter } from "../../../services/renderer/start-chromium.ts";
import { commandLineOf, descendantsOf } from "../../bench/process-tree.ts";
import { chromiumIsMissing } from "../../fixtures/rendering.ts";
import { findFreePort, startServerProcess } from "../../fixtures/server-process.ts";

const skip = chromiumIsMissing;
const directory = mkdtempSync(join(tmpdir(), "orb-sandbox-"));
const calls = join(directory, "calls");
const chromium = join(directory, "chromium");
after(() => rmSync(directory, { recursive: true }));

/** Chromium on a system without user namespaces: it refuses to start with its sandbox, and says so as Chromium does. */
function startWithoutNamespaces(sandbox: SandboxMode): ChromiumStarter {
  const real = findChromium(process.env.ORB_CHROMIUM_PATH, process.env.PATH ?? "");
  writeFileSync(calls, "");
  const text = `#!/bin/sh
case " $* " in
  *" --no-sandbox "*) echo without >>${calls}; exec ${real} "$@" ;;
esac
echo with >>${calls}
echo '[ERROR:zygote_host_impl_linux.cc] No usable sandbox! If you want to live dangerously, use --no-sandbox.' >&2
exit 1
`;
  writeFileSync(chromium, text, { mode: 0o755 });
  return new ChromiumStarter({ ...rendererDefaults, chromiumPath: chromium, sandbox }, createLog("renderer", "silent"));
}
const attempts = () => readFileSync(calls, "utf8").split("\n").filter(Boolean);
const isRoot = process.getuid?.() === 0;

test("when the sandbox is required, Chromium is never started without it", { skip }, async () => {
  const starter = startWithoutNamespaces("required");

  await assert.rejects(starter.start(9), { code: "E_CHROMIUM_SANDBOX", message: /No usable sandbox/ });
  await assert.rejects(starter.start(9), { code: "E_CHROMIUM_SANDBOX" });

  assert.deepEqual([...new Set(attempts())], ["with"]);
});

test("when the sandbox is optional, one attempt without it follows, and a metric shows the result", { skip }, async () => {
  const starter = startWithoutNamespaces("auto");

  for (let count = 0; count < 2; count++) await (await starter.start(9)).close();

  assert.deepEqual(attempts().slice(-2), ["without", "without"]);
  assert.equal(attempts().filter((attempt) => attempt === "without").length, 2);
  assert.equal(attempts().includes("with"), !isRoot);
  assert.match((await renderMetrics()).text, /^orb_chromium_sandbox 0$/m);
});

const MAIN = join(import.meta.dirname, "../../../services/renderer/main.ts");
const AS_NOBODY = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];
const attempt = `unshare --user --pid --net --fork true && test -r ${MAIN}`;
const noNobody =
  isRoot && spawnSync("setpriv", [...AS_NOBODY, "sh", "-c", attempt]).status === 0 ? false : "the user 'nobody' has no user namespaces";

test("an unprivileged renderer has a sandbox before it answers, and Chromium's pages run in separate namespaces", {
  skip: skip || noNobody,
}, async () => {
  const port = await findFreePort();
  const env = { ...process.env, HOME: "/tmp", ORB_PORT: String(port), ORB_CHROMIUM_SANDBOX: "required" };
  const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const answers = async () => (await metrics()) !== "";
  const server = await startServerProcess({
    command: "setpriv",
    args: [...AS_NOBODY, process.execPath, MAIN],
    options: { env, cwd: "/tmp" },
    answers,
  });
  await using _server = { [Symbol.asyncDispose]: () => server.stop("SIGTERM") };

  const zygotes = descendantsOf(server.pid).filter((pid) => commandLineOf(pid).includes("--type=zygote"));
  const namespaces = new Set(zygotes.map((pid) => readlinkSync(`/proc/${pid}/ns/user`)));

  assert.match(await metrics(), /^orb_chromium_sandbox 1$/m);
  assert.ok(zygotes.length >= 2);
  assert.ok([...namespaces].some((namespace) => namespace !== readlinkSync("/proc/self/ns/user")));
});
