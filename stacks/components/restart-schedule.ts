import * as pulumi from "@pulumi/pulumi";
import { unitCheck } from "../render/host-script.ts";
import { RESTART_SCRIPT_FILE, renderRestartScript } from "../render/restart-script.ts";
import { RESTART_TIMER, removeTimer, restartUnits } from "../render/systemd.ts";
import type { FleetHost } from "./fleet-host.ts";
import { remoteScript } from "./remote-script.ts";

const SECONDS = 60;

/** The timer of the scheduled restart, on every manager; only the swarm's leader acts. */
export class RestartSchedule extends pulumi.ComponentResource {
  constructor({ managers, onCalendar }: { managers: FleetHost[]; onCalendar: string }, options: pulumi.ComponentResourceOptions) {
    super("orbweaver:RestartSchedule", "restart", {}, options);
    const units = restartUnits(onCalendar);
    const files = [{ path: RESTART_SCRIPT_FILE, content: renderRestartScript(), mode: "755" as const }, ...units];
    const paths = files.map(({ path }) => path);
    for (const on of managers) {
      remoteScript(
        `${on.host.name}-restart`,
        {
          on,
          script: {
            timeoutSeconds: SECONDS,
            files,
            after: `systemctl daemon-reload\nsystemctl enable --quiet ${RESTART_TIMER}\nsystemctl restart ${RESTART_TIMER}`,
            checks: [unitCheck(RESTART_TIMER)],
          },
          onDelete: removeTimer(RESTART_TIMER, paths),
        },
        { parent: this },
      );
    }
    this.registerOutputs();
  }
}
