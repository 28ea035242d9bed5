import { spawnSync } from "node:child_process";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A reason to skip where HAProxy is not installed. */
export const noHaproxy = spawnSync("haproxy", ["-v"]).error ? "haproxy is not installed" : false;

/** The output of `haproxy -c` for a configuration; empty if it is valid. */
export function checkConfiguration(configuration: string): string {
  using directory = mkdtempDisposableSync(join(tmpdir(), "haproxy-"));
  const file = join(directory.path, "haproxy.cfg");
  writeFileSync(file, configuration);
  const { status, stderr } = spawnSync("haproxy", ["-c", "-f", file], { encoding: "utf8" });
  const complaints = stderr.split("\n").filter((line) => /\[(ALERT|WARNING)\]/.test(line) && !line.includes("server state file"));
  return status === 0 ? complaints.join("\n") : stderr;
}
