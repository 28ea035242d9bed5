/** systemd units and drop-ins of a host (systemd.unit(5)). */
import { MESH } from "../mesh.ts";
import type { HostFile } from "./host-script.ts";
import { mustMatch } from "./refuse.ts";
import { RESTART_SCRIPT_FILE } from "./restart-script.ts";

const DIRECTORY = "/etc/systemd/system";
/** After a reboot another host may be slow. After this time Docker starts anyway, and reports the problem. */
const MESH_WAIT_SECONDS = 60;
/** One service may take the longest update of its groups; five in sequence stay below an hour. */
const RESTART_SECONDS = 3_300;

/** @param name of the file below systemd's folder of settings. */
const unitFile = (name: string, content: string): HostFile => ({ path: `${DIRECTORY}/${name}`, mode: "644", content });

/** The mesh restarts whenever it ends, and Docker waits for its address: a swarm that starts without it stays in error. */
export function meshUnits(meshIp: string): HostFile[] {
  const address = mustMatch("meshIp", meshIp, /^\d{1,3}(\.\d{1,3}){3}$/);
  return [
    unitFile(
      `tinc@${MESH}.service.d/10-orbweaver.conf`,
      `[Unit]
After=nftables.service
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1
`,
    ),
    unitFile(
      "docker.service.d/10-orbweaver.conf",
      `[Unit]
Wants=tinc@${MESH}.service
After=tinc@${MESH}.service nftables.service

[Service]
ExecStartPre=/usr/bin/timeout ${MESH_WAIT_SECONDS} /bin/sh -c 'until ip -brief address show to ${address} | grep -q .; do sleep 0.2; done'
Restart=always
`,
    ),
  ];
}

export const CONTAINERS_SERVICE = "orbweaver-containers.service";
/** Number of attempts, each some seconds: after a boot, a manager finds the other managers within a minute or two. */
const CONTAINER_ATTEMPTS = 120;

/**
 * Starts containers of the fleet that are not services, whenever Docker has started. If the swarm is not up yet, Docker itself does not find their
 * overlay network, and does not retry.
 */
export const containersUnit = (): HostFile =>
  unitFile(
    CONTAINERS_SERVICE,
    `[Unit]
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
  );

/**
 * Shell; takes a timer and its files from a host. Its service is stopped as well, and waited for: a run that goes on would make files again after
 * they were removed.
 */
export const removeTimer = (timer: string, paths: readonly string[]) =>
  `systemctl disable --quiet --now ${timer} 2>/dev/null; systemctl stop ${timer.replace(/timer$/, "service")} 2>/dev/null
rm -f ${paths.join(" ")}; systemctl daemon-reload || true`;

export const RESTART_TIMER = "orbweaver-restart.timer";

/** The timer of the scheduled restart, and its service. `onCalendar`: systemd.time(7). */
export function restartUnits(onCalendar: string): HostFile[] {
  return [
    unitFile(
      RESTART_TIMER,
      `[Unit]
Description=Scheduled restart of Orbweaver's role groups

[Timer]
OnCalendar=${mustMatch("restart", onCalendar, /^[\w*:,/.~ -]+$/)}
AccuracySec=1s

[Install]
WantedBy=timers.target
`,
    ),
    unitFile(
      "orbweaver-restart.service",
      `[Unit]
Description=Restart of Orbweaver's role groups, one at a time
Requires=docker.service
After=docker.service

[Service]
Type=oneshot
ExecStart=${RESTART_SCRIPT_FILE}
TimeoutStartSec=${RESTART_SECONDS}
`,
    ),
  ];
}

export const CERTIFICATE_TIMER = "orbweaver-certificate.timer";
/** Soon enough for the first certificate, and cheap: an HTTP request to the host's own balancer. */
const CERTIFICATE_SECONDS = 60;

/** The timer with which an edge host checks for a new certificate, and its service. */
export function certificateUnits(scriptFile: string): HostFile[] {
  return [
    unitFile(
      CERTIFICATE_TIMER,
      `[Unit]
Description=Looks for a new certificate of Orbweaver's domain

[Timer]
OnActiveSec=5s
OnUnitInactiveSec=${CERTIFICATE_SECONDS}s
RandomizedDelaySec=5s

[Install]
WantedBy=timers.target
`,
    ),
    unitFile(
      "orbweaver-certificate.service",
      `[Unit]
Description=Installs the newest certificate of Orbweaver's domain
After=docker.service

[Service]
Type=oneshot
ExecStart=${scriptFile}
TimeoutStartSec=120
# Each run would say that it started and ended.
LogLevelMax=notice
`,
    ),
  ];
}
