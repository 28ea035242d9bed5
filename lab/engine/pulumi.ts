/** The Pulumi engine: the machine's own, or one built from its published sources if its download site cannot be reached. */
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram, type LabWork, run } from "../command.ts";
import { LabMachineError } from "../errors.ts";
import { labPaths } from "../paths.ts";

const MODULE = "github.com/pulumi/pulumi/pkg/v3";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
/** 3.5 minutes on two cores without a cache; a slow machine may take several times longer. */
const BUILD_SECONDS = 1_800;
const SAY_EVERY_MS = 30_000;
const SDK_MANIFEST = fileURLToPath(new URL("../../node_modules/@pulumi/pulumi/package.json", import.meta.url));

export interface PulumiEngine {
  /** Path of the program `pulumi`. */
  path: string;
  /** Such as `3.259.0`. */
  version: string;
}

/**
 * Finds `pulumi` on PATH or in the cache; otherwise builds the installed SDK's version with Go (once: 3.5 minutes, 160 MB).
 *
 * @throws LabMachineError if there is neither `pulumi` nor `go`; LabCommandError if the build fails.
 */
export async function ensurePulumi({ say, signal }: LabWork): Promise<PulumiEngine> {
  const own = await findProgram("pulumi");
  if (own !== undefined) return { path: own, version: await versionOf(own, signal) };
  const { version } = JSON.parse(await readFile(SDK_MANIFEST, "utf8")) as { version: string };
  const folder = join(labPaths().cache, `pulumi-${version}`);
  const path = join(folder, "pulumi");
  const built = await versionOf(path, signal).catch(() => undefined);
  if (built === version) return { path, version };
  signal?.throwIfAborted();
  await build({ version, folder, say, signal });
  return { path, version: await versionOf(path, signal) };
}

const versionOf = async (path: string, signal: AbortSignal | undefined) =>
  (await run([path, "version"], { signal, timeoutSeconds: 30, environment: { PULUMI_SKIP_UPDATE_CHECK: "1" } })).replace(/^v/, "");

async function build({ version, folder, say, signal }: LabWork & { version: string; folder: string }): Promise<void> {
  if ((await findProgram("go")) === undefined) {
    throw new LabMachineError(
      `There is no Pulumi engine on this machine, and no Go to build one. Install Pulumi ${version}: https://www.pulumi.com/docs/install/`,
    );
  }
  say(`building the Pulumi engine ${version} from the Go module proxy (once; 4 minutes on two cores)`);
  const started = Date.now();
  const report = setInterval(() => say(`still building the Pulumi engine: ${secondsSince(started)} s`), SAY_EVERY_MS);
  await mkdir(join(folder, ".."), { recursive: true });
  const draft = await mkdtemp(`${folder}.`);
  try {
    await goBuild(draft, version, signal);
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
    say(`built the Pulumi engine ${version} in ${secondsSince(started)} s`);
  } finally {
    clearInterval(report);
    await rm(draft, { recursive: true, force: true });
  }
}

/** `go install MODULE@VERSION` would request a list of versions, which not every proxy has. */
async function goBuild(folder: string, version: string, signal: AbortSignal | undefined): Promise<void> {
  await writeFile(join(folder, "go.mod"), `module engine\n\ngo 1.25\n\nrequire ${MODULE} v${version}\n`);
  // Without its version in it, the Automation API refuses the engine.
  const flags = `-s -w -X ${VERSION_VARIABLE}=v${version}`;
  await run(["nice", "-n", "15", "go", "build", "-ldflags", flags, "-o", join(folder, "pulumi"), `${MODULE}/cmd/pulumi`], {
    signal,
    directory: folder,
    timeoutSeconds: BUILD_SECONDS,
    environment: { GOFLAGS: "-mod=mod", GOWORK: "off" },
  });
}

const secondsSince = (time: number) => Math.round((Date.now() - time) / 1_000);
