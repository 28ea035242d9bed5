import assert from "node:assert/strict";
import { test } from "node:test";
import type { DriftReport } from "../../../services/cli/stack/drift.ts";
import { type Outcome, on, orb, orbJson, untilWell } from "../../fixtures/lab-fleet.ts";
import type { Chapter } from "./chapter.ts";

/** Changes by hand: host, command, and the line in drift. */
const CHANGES: [string, string, RegExp][] = [
  ["work1", "docker rm --force orbweaver-edge", /^work1: the container orbweaver-edge is missing$/],
  ["work1", "docker stop orbweaver-balancer", /^work1: the container orbweaver-balancer is exited$/],
  [
    "data",
    "docker update --memory 700m --memory-swap 700m orbweaver-redis",
    /^data: the container orbweaver-redis: memory, in MiB, is 700 /,
  ],
  ["data", "docker service update --detach --env-add BY_HAND=1 fetcher", /^data: the service fetcher: its container was changed$/],
  ["data", "docker service scale --detach result-worker=3", /^data: the service result-worker: "replicas 3" instead of "replicas 2"$/],
  ["work1", "echo '# by hand' >>/etc/orbweaver/balancer/haproxy.cfg", /^work1: \/etc\/orbweaver\/balancer\/haproxy\.cfg was changed$/],
  ["work2", "echo '# by hand' >>/etc/orbweaver/edge/nginx.conf", /^work2: \/etc\/orbweaver\/edge\/nginx\.conf was changed$/],
  ["data", "nft delete table inet orbweaver", /^data: the firewall's table orbweaver is missing$/],
  ["work2", "sed -i 's/10m/20m/' /etc/docker/daemon.json", /^work2: \/etc\/docker\/daemon\.json was changed$/],
  ["work1", "dpkg --remove unattended-upgrades", /^work1: the package unattended-upgrades/],
  ["work2", "systemctl stop tinc@orbweaver.service", /^work2: the unit tinc@orbweaver\.service: "enabled inactive"/],
  ["work1", "rm /etc/tinc/orbweaver/hosts/data", /^work1: \/etc\/tinc\/orbweaver\/hosts\/data is missing$/],
  [
    "data",
    "echo 'MaxAuthTries 6' >/etc/ssh/sshd_config.d/10-orbweaver.conf",
    /^data: \/etc\/ssh\/sshd_config\.d\/10-orbweaver\.conf was changed$/,
  ],
  [
    "work2",
    "echo '# by hand' >>/usr/local/lib/orbweaver/container-runtime",
    /^work2: \/usr\/local\/lib\/orbweaver\/container-runtime was changed$/,
  ],
  ["data", "sysctl -q -w net.ipv4.conf.all.accept_redirects=1", /^data: the kernel's settings/],
  [
    "work1",
    "systemctl disable --now orbweaver-restart.timer",
    /^work1: the unit orbweaver-restart\.timer: "disabled inactive" instead of "enabled active"$/,
  ],
];

/** Changes by hand: drift lists each, and one `up` repairs all. */
export function driftChapter({ options }: Chapter): void {
  const driftNow = async () => {
    const { code, stdout } = await orb("drift", "--stack", "lab", "--json");
    return { code, ...(JSON.parse(stdout) as DriftReport & { seconds: number }) };
  };

  test("a healthy fleet has no drift", options, async () => {
    const { code, drifts, unchecked, seconds } = await driftNow();

    assert.deepEqual([code, drifts, unchecked], [0, [], []]);
    process.stderr.write(`drift took ${seconds} s\n`);
  });

  test(`drift lists each of ${CHANGES.length} manual changes, and one up repairs them`, options, async () => {
    for (const [host, command] of CHANGES) await on(host, command);

    const { code, drifts } = await driftNow();
    const named = drifts.map(({ host, what }) => `${host}: ${what}`);
    process.stderr.write(`${named.join("\n")}\n`);
    const missed = CHANGES.filter(([, , pattern]) => !named.some((line) => pattern.test(line)));
    assert.deepEqual([code, missed], [1, []]);

    await orbJson<Outcome>("up", "--stack", "lab");
    await untilWell();
    const later = await driftNow();
    assert.deepEqual([later.code, later.drifts, later.unchecked], [0, [], []]);
    const { changes } = await orbJson<Outcome>("up", "--stack", "lab");
    assert.deepEqual({ ...changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
  });
}
