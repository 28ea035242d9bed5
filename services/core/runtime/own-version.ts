import { readFileSync } from "node:fs";

const readRootFile = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");

/** What this process runs: the id of its image's files, as the Dockerfile of the roles wrote it; of a checkout the version in package.json. */
export function ownVersion(): string {
  try {
    return readRootFile("version").trim();
  } catch {
    return (JSON.parse(readRootFile("package.json")) as { version: string }).version;
  }
}
