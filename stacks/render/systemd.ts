/** systemd units and drop-ins of a host (systemd.unit(5)). */
import { MESH } from "../mesh.ts";
import type { HostFile } from "./host-script.ts";
import { mustMatch } from "./refuse.ts";
import { RESTART_SCRIPT_FILE } from "./restart-script.ts";

const DIRECTORY = "/etc/systemd/system";
/** A host's other end may be slow to come back after a reboot; after so long Docker is started anyway, and says what is wrong. */
const MESH_WAIT_SECONDS = 60;
/** One service may take its groups' longest roll; five in turn stay below an hour. */
const RESTART_SECONDS = 3_300;

/** The mesh comes back by itself whenever it ends, and Docker waits for its address: a swarm that starts without it stays in error. */
export function meshUnits(meshIp: string): HostFile[] {
  const address = mustMatch("meshIp", meshIp, /^\d{1,3}(\.\d{1,3}){3}$/);
  return [
    {
      path: `${DIRECTORY}/tinc@${MESH}.service.d/10-orbweaver.conf`,
      mode: "644",
      content: `[Unit]
After=nftables.service
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1
`,
    },
    {
      path: `${DIRECTORY}/docker.service.d/10-orbweaver.conf`,
      mode: "644",
      content: `[Unit]
Wants=tinc@${MESH}.service
After=tinc@${MESH}.service nftables.service

[Service]
ExecStartPre=/usr/bin/timeout ${MESH_WAIT_SECONDS} /bin/sh -c 'until ip -brief address show to ${address} | grep -q .; do sleep 0.2; done'
Restart=always
`,
    },
  ];
}

export const CONTAINERS_SERVICE = "orbweaver-containers.service";
/** Of attempts, each some seconds: a manager that boots finds the swarm's others within a minute or two. */
const CONTAINER_ATTEMPTS = 120;

/**
 * Starts containers of the fleet that are no services, whenever Docker has started: where the swarm is not there yet, Docker itself finds their
 * overlay network missing, and does not try again.
 */
export const containersUnit = (): HostFile => ({
  path: `${DIRECTORY}/${CONTAINERS_SERVICE}`,
  mode: "644",
  content: `[Unit]
Description=Orbweaver's containers, once the swarm is there
After=docker.service
PartOf=docker.service
StartLimitIntervalSec=1800
StartLimitBurst=${CONTAINER_ATTEMPTS}

[Service]
Type=oneshot
RemainAfterExit=yes
Restart=on-failure
RestartSec=3
ExecStart=/bin/sh -c 'docker ps --all --quiet --filter name=^orbweaver- --filter status=exited | xargs --no-run-if-empty docker start'

[Install]
WantedBy=docker.service
`,
});

export const RESTART_TIMER = "orbweaver-restart.timer";

/** The timer of the scheduled restart, and what it starts. `onCalendar`: systemd.time(7). */
export function restartUnits(onCalendar: string): HostFile[] {
  return [
    {
      path: `${DIRECTORY}/${RESTART_TIMER}`,
      mode: "644",
      content: `[Unit]
Description=Scheduled restart of Orbweaver's role groups

[Timer]
OnCalendar=${mustMatch("restart", onCalendar, /^[\w*:,/.~ -]+$/)}
AccuracySec=1s

[Install]
WantedBy=timers.target
`,
    },
    {
      path: `${DIRECTORY}/orbweaver-restart.service`,
      mode: "644",
      content: `[Unit]
Description=Restart of Orbweaver's role groups, one at a time
Requires=docker.service
After=docker.service

[Service]
Type=oneshot
ExecStart=${RESTART_SCRIPT_FILE}
TimeoutStartSec=${RESTART_SECONDS}
`,
    },
  ];
}
