import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { MESH, type MeshHost } from "../../../stacks/mesh.ts";
import { nodeName, tincFiles } from "../../../stacks/render/tinc.ts";
import { createNamespaces, type Namespaces, noNamespaces } from "../../fixtures/network-namespaces.ts";
import { type ServerProcess, startServerProcess } from "../../fixtures/server-process.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { until } from "../../fixtures/until.ts";

const noTinc =
  noNamespaces ||
  (spawnSync("tincd", ["--version"]).error && "tinc is not installed") ||
  (!existsSync("/dev/net/tun") && "there is no /dev/net/tun");
/** Short, because the test's traffic is not secret: keys of hosts have 4096 bits. */
const KEY_BITS = 2_048;
/** Something to connect to. */
const PORT = 7;

test("hosts that start at the same time do not close each other's connections", { skip: noTinc || false }, async () => {
  const hosts = [1, 2, 3].map((n): MeshHost => ({ name: `work${n}`, address: `198.51.100.1${n}`, meshIp: `10.77.0.${n}` }));
  // All connect while no packet gets through; once they do, the kernels send the requests again within the same millisecond.
  await using mesh = await startMesh(hosts, { isCableOut: true });
  mesh.plugIn();

  await until("all reach all", () => hosts.every(({ name }) => hosts.every(({ meshIp }) => mesh.answers(name, meshIp))));

  for (const { name } of hosts) assert.doesNotMatch(mesh.log(name), /second connection/);
});

test("three hosts connect through the mesh, and the loss of one does not disconnect the others", { skip: noTinc || false }, async () => {
  const hosts = [1, 2, 3].map((n): MeshHost => ({ name: `work${n}`, address: `198.51.100.1${n}`, meshIp: `10.77.0.${n}` }));
  await using mesh = await startMesh(hosts);

  await until("all reach all", () => hosts.every(({ name }) => hosts.every(({ meshIp }) => mesh.answers(name, meshIp))));
  await mesh.stop("work1");

  await until("work2 and work3 still talk", () => mesh.answers("work2", "10.77.0.3"));
  assert.equal(mesh.answers("work2", "10.77.0.1"), false);
});

async function startMesh(hosts: MeshHost[], { isCableOut = false } = {}) {
  const directory = temporaryDirectory();
  const net = createNamespaces(["internet", ...hosts.map(({ name }) => name)]);
  const folderOf = (name: string) => `${directory.path}/${name}`;
  layCables(net, hosts);
  const keys = Object.fromEntries(hosts.map(({ name }) => [name, makeKey(folderOf(name), name)]));
  const daemons = new Map<string, ServerProcess>();
  if (isCableOut) net.ip("internet", "link set wan down");
  for (const host of hosts) {
    for (const { path, content, mode } of tincFiles(host, hosts, keys)) {
      const file = path.replace(`/etc/tinc/${MESH}`, folderOf(host.name));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { mode: Number.parseInt(mode, 8) });
    }
    await net.listen(host.name, [PORT]);
    daemons.set(host.name, await startTinc(net, host, folderOf(host.name)));
  }
  return {
    plugIn: () => net.ip("internet", "link set wan up"),
    log: (name: string) => readFileSync(`${folderOf(name)}/log`, "utf8"),
    answers: (from: string, to: string) => net.reaches(from, to, PORT),
    stop: (name: string) => daemons.get(name)?.stop("SIGKILL"),
    async [Symbol.asyncDispose]() {
      for (const daemon of daemons.values()) await daemon.stop("SIGTERM");
      await net[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    },
  };
}

function layCables(net: Namespaces, hosts: MeshHost[]): void {
  net.ip("internet", "link add wan type bridge");
  net.ip("internet", "link set wan up");
  for (const { name, address } of hosts) {
    net.connect(`${name}/eth0`, `internet/${name}`);
    net.ip("internet", `link set ${name} master wan`);
    net.ip(name, `address add ${address}/24 dev eth0`);
  }
}

/** A key pair as a host makes it; returns the public half as PEM. */
function makeKey(folder: string, name: string): string {
  mkdirSync(`${folder}/hosts`, { recursive: true });
  writeFileSync(`${folder}/tinc.conf`, `Name = ${nodeName(name)}\n`);
  spawnSync("tincd", ["-c", folder, `-K${KEY_BITS}`], { input: "" });
  return readFileSync(`${folder}/hosts/${nodeName(name)}`, "utf8");
}

const startTinc = (net: Namespaces, { name, meshIp }: MeshHost, folder: string) =>
  startServerProcess({
    command: "nsenter",
    args: [`--net=${net.file(name)}`, "tincd", "-D", "-d3", "-c", folder, `--pidfile=${folder}/pid`, `--logfile=${folder}/log`],
    options: {},
    answers: async () => net.run(name, "ip", ["-brief", "address", "show", "to", meshIp]) !== "",
  });
