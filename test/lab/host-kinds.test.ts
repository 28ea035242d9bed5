/** Hosts as they are rented: each kind is met for the first time, and then is in a mesh with Docker, or was refused by its sentence. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { run } from "../../lab/command.ts";
import { findDocker } from "../../lab/docker/engine.ts";
import { LabCommandError } from "../../lab/errors.ts";
import { HOST_KINDS, type HostKindName, READY_FILE } from "../../lab/hosts/kinds.ts";
import { setProviderFirewall } from "../../lab/hosts/networks.ts";
import { labDown, labSsh, readLab } from "../../lab/lab.ts";
import { labPaths } from "../../lab/paths.ts";
import { MESH, MESH_PORT } from "../../stacks/mesh.ts";
import { bootstrapScript } from "../../stacks/render/bootstrap.ts";
import type { HostScript } from "../../stacks/render/host-script.ts";
import { hostSettings } from "../../stacks/render/host-settings.ts";
import { meshCheckScript, meshScript } from "../../stacks/render/mesh-script.ts";
import { tincFiles } from "../../stacks/render/tinc.ts";
import { assertSaid, type Contacted, contact, type KindHost, type KindHosts, runScript, startKindHosts } from "../fixtures/kind-hosts.ts";
import { labSkipReason } from "../fixtures/lab-machine.ts";
import { until } from "../fixtures/until.ts";

const LONG = process.env.TEST_LONG === "1";
const skip = LONG
  ? ((await labSkipReason()) ?? ((await readLab()) ? "a lab is up on this machine" : false))
  : "sixteen hosts of all kinds take long: ./orb test --all --long";
const options = { skip, timeout: 900_000 };
/** Joins last, while the others talk. */
const LATE: HostKindName = "otherPort";
const WAITS_MS = 120_000;

let all: KindHosts;
let contacted: Contacted;
const keys: Record<string, string> = {};

before(
  async () => {
    if (skip !== false) return;
    all = await startKindHosts();
  },
  { timeout: 1_800_000 },
);
after(async () => {
  if (skip === false) await labDown({ say: (line) => process.stderr.write(`${line}\n`) });
});

const isRefused = ({ kind }: KindHost) => HOST_KINDS[kind].refusal !== undefined;
const accepted = () => all.hosts.filter((host) => !isRefused(host));
const of = (kind: HostKindName) => {
  const host = all.hosts.find((candidate) => candidate.kind === kind);
  assert.ok(host);
  return host;
};
const on = async (kind: HostKindName, command: string) => run(await labSsh(of(kind).name, [command]));

test("each host that cannot join a fleet is refused with its message, and every other host is accepted", options, async () => {
  contacted = await contact(all.lab, all.hosts);
  const said = all.hosts.map(({ kind }, index) => ({
    kind,
    remedies: contacted.problems.filter(({ path }) => path.startsWith(`orbweaver:hosts[${index}].`)).map(({ remedy }) => remedy),
  }));

  for (const { kind, remedies } of said) {
    const { refusal } = HOST_KINDS[kind];
    assert.equal(remedies.length, refusal === undefined ? 0 : 1, `${kind}: ${remedies.join("; ")}`);
    if (refusal !== undefined) assertSaid(remedies[0] ?? "", refusal);
  }
});

test("every other host gets its packages, a firewall and a key", options, async () => {
  contacted = await contact(all.lab, accepted());
  assert.deepEqual(contacted.problems, []);

  await Promise.all([...accepted().map(bootstrap), ...accepted().map(endWork)]);

  assert.equal(new Set(Object.values(keys)).size, accepted().length);
});

test("the accepted hosts reach each other through the mesh, and Docker answers on each", options, async () => {
  const members = accepted().filter(({ kind }) => kind !== LATE);
  await join(members);

  const script: HostScript = { timeoutSeconds: 30, after: "docker version --format '{{.Server.Version}}'" };
  for (const host of members) assert.match(await runScript(all.lab, host, { script, hostKey: hostKeyOf(host) }), /^\d+\./);
});

test("packages of Docker's own repository remain installed", options, async () => {
  assert.equal(await on("dockerIdle", "dpkg-query -W docker-ce containerd.io | cut -f 1"), "containerd.io\ndocker-ce");
});

test("a user with sudo can use Docker", options, async () => {
  const { lab } = all;
  const host = of("cloud");
  const command = ["ssh", "-i", lab.privateKeyPath, "-o", `UserKnownHostsFile=${lab.knownHostsPath}`, `debian@${host.address}`];

  assert.match(await run([...lab.enter, ...command, "docker info --format '{{.ServerVersion}}'"]), /^\d+\./);
});

test("files that bootstrap replaced are kept", options, async () => {
  assert.match(await on("debian13", "cat /etc/orbweaver/before/etc/nftables.conf"), /flush ruleset/);
});

test("a joining host interrupts no connection of the others", options, async () => {
  const pings = on("debian13", `ping -q -i 0.05 -c 300 ${of("debian12").meshIp}`);
  await join(accepted());

  assert.match(await pings, /300 packets transmitted, 300 received, 0% packet loss/);
});

test("the mesh check names both hosts when a provider's firewall blocks their traffic", options, async () => {
  const docker = await findDocker(labPaths());
  assert.ok(docker);
  const drops = ["tcp", "udp"].flatMap((protocol) => [`${protocol} dport ${MESH_PORT}`, `${protocol} sport ${MESH_PORT}`]);
  await setProviderFirewall(docker, labPaths(), { host: of("debian12").name, drops });

  const { address } = of("debian12");
  await assert.rejects(check(of("debian13"), accepted()), (error: unknown) => {
    assert.ok(error instanceof LabCommandError);
    assert.ok(
      error.message.includes(
        `debian13 (${of("debian13").address}) does not reach debian12 (${address}) through the mesh: 655 tcp and udp must be open between them.`,
      ),
      error.message,
    );
    return true;
  });
});

const addressesOf = (hosts: readonly KindHost[]) => new Map(hosts.map(({ name, address }) => [name, [address]] as [string, string[]]));

async function bootstrap(host: KindHost): Promise<void> {
  const config = { hosts: accepted(), aptSource: undefined, allowAddresses: [] };
  const script = bootstrapScript(
    hostSettings(host, { config, registry: `${of("debian13").meshIp}:5001`, addresses: addressesOf(config.hosts) }),
  );
  const began = Date.now();
  const printed = await runScript(all.lab, host, { script, hostKey: hostKeyOf(host) });
  keys[host.name] = (JSON.parse(printed) as { publicKey: string }).publicKey;
  process.stderr.write(`${host.kind}: ${((Date.now() - began) / 1_000).toFixed(1)} s\n`);
}

/** Ends what keeps a host's bootstrap waiting, once it does. */
async function endWork({ kind }: KindHost): Promise<void> {
  const { keepsWaiting } = HOST_KINDS[kind];
  if (keepsWaiting === undefined) return;
  await until(
    () => `bootstrap waits on ${kind}`,
    async () => (await on(kind, `${keepsWaiting} >/dev/null && echo yes || echo no`)) === "yes",
    WAITS_MS,
  );
  await on(kind, `touch ${READY_FILE}`);
}

const hostKeyOf = ({ name }: KindHost) => contacted.hostKeys[name] ?? "";

async function join(members: KindHost[]): Promise<void> {
  const script = (host: KindHost) =>
    meshScript({ name: host.name, mesh: MESH, meshIp: host.meshIp, files: tincFiles(host, members, keys) });
  await Promise.all(members.map((host) => runScript(all.lab, host, { script: script(host), hostKey: hostKeyOf(host) })));
  await Promise.all(members.map((host) => check(host, members)));
}

const check = (host: KindHost, members: KindHost[]) =>
  runScript(all.lab, host, { script: meshCheckScript(host, members, ""), hostKey: hostKeyOf(host) });
