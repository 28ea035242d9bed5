import { z } from "zod";
import { LAB_STACK } from "../../lab/paths.ts";
import { GROUPS, ROLES, type Role } from "../../stacks/roles.ts";
import { ROOT } from "../core/runtime/checkout.ts";
import type { Command, Flag } from "./arguments.ts";
import { UsageError } from "./errors.ts";
import { switchFlag } from "./flags.ts";
import { configFlag, type StackFlags, stackFlag } from "./stack-flags.ts";

const json = switchFlag("end with one JSON line on stdout");

interface StackCommandSpec<Flags> extends Omit<Command, "positionals" | "notes" | "run" | "flags"> {
  positionals?: string[];
  flags?: Record<string, Flag>;
  notes?: string[];
  run: (flags: StackFlags & Flags, positionals: string[]) => Promise<number>;
}

/** Runs a function on a stack. The lab's stack runs inside the lab, unless `--config` gives the config's directory. */
export async function onStack<Flags extends { stack: string; config?: string }>(
  flags: Flags,
  run: (flags: Flags & { config: string }) => Promise<number>,
): Promise<number> {
  if (flags.stack === LAB_STACK && flags.config === undefined) return (await import("./stack/lab-run.ts")).runInLab(process.argv.slice(2));
  return run({ ...flags, config: flags.config ?? ROOT });
}

/** A command on a stack. */
function stackCommand<Flags = unknown>({ positionals = [], flags = {}, notes = [], run, ...spec }: StackCommandSpec<Flags>): Command {
  return {
    ...spec,
    positionals,
    notes,
    flags: { stack: stackFlag, config: configFlag, json, ...flags },
    async run({ flags: given, positionals: words }) {
      return onStack(given as unknown as StackFlags & Flags & { config?: string }, (known) => run(known, words));
    },
  };
}

const yes = switchFlag("do not ask before something stops or data is lost");

const upCommand = stackCommand<{ yes: boolean }>({
  name: "up",
  summary: "Deploys the fleet that a stack's config describes to its hosts",
  flags: { yes },
  notes: [
    "Lists each change first, with what stops and for how long. At a terminal it asks before something stops or data is lost; without a",
    "terminal, a plan that loses data needs --yes. Completed changes are kept: after an error or Ctrl-C, run the same command again.",
  ],
  run: async (flags) => (await import("./stack/deploy.ts")).up(flags),
});

const previewCommand = stackCommand<{ expectNoChanges: boolean }>({
  name: "preview",
  summary: "Lists what './orb up' would change, without changing it",
  flags: { expectNoChanges: switchFlag("exit with 1 if there is anything to change") },
  run: async (flags) => (await import("./stack/deploy.ts")).preview(flags),
});

const scaleCommand = stackCommand<{ yes: boolean }>({
  name: "scale",
  summary: "Sets how many replicas roles have, in the stack's config and in the fleet",
  positionals: ["ROLE=N…"],
  flags: { yes },
  notes: [`Roles: ${ROLES.join(", ")}. Example: ./orb scale webui=4 fetcher=3`],
  run: async (flags, words) => (await import("./stack/scale.ts")).scale(flags, words),
});

const upgradeCommand = stackCommand<{ yes: boolean }>({
  name: "upgrade images",
  summary: "Builds a stack's images again, with today's packages, and deploys them",
  flags: { yes },
  notes: [
    "Sets orbweaver:imagesOf to today, then runs './orb up'. Without this command, packages are not updated. If the stack config gives an image by its",
    "digest, change the digest in the config.",
  ],
  run: async (flags) => (await import("./stack/upgrade.ts")).upgradeImages(flags),
});

const statusCommand = stackCommand({
  name: "status",
  summary: "Shows the state of a stack's hosts, services, edges and projects",
  notes: ["Exits with 1 if there is a problem of the fleet. Projects that stand still are listed with the reason, and are none."],
  run: async (flags) => (await import("./stack/status.ts")).status(flags),
});

const driftCommand = stackCommand({
  name: "drift",
  summary: "Lists what was changed on the hosts by hand since the last './orb up'",
  notes: ["Changes nothing. Exits with 1 if it finds a difference, or if a host does not answer. The next './orb up' repairs it."],
  run: async (flags) => (await import("./stack/drift.ts")).drift(flags),
});

const logsCommand = stackCommand<{ follow: boolean; lines: number }>({
  name: "logs",
  summary: "Prints the logs of a role's replicas, from all hosts",
  positionals: ["ROLE"],
  flags: {
    follow: switchFlag("follow the logs until Ctrl-C"),
    lines: {
      value: "N",
      help: "lines from each replica (default: 100)",
      schema: z.coerce.number("write a whole number").int("write a whole number").min(1, "write 1 or more").default(100),
    },
  },
  notes: [`Roles: ${ROLES.join(", ")}; and postgres, redis, registry, balancer, edge.`],
  run: async (flags, words) => (await import("./stack/logs.ts")).logs(flags, words),
});

const restartCommand = stackCommand({
  name: "restart",
  summary: "Restarts roles in a rolling update, new replicas first",
  positionals: ["[ROLE…]"],
  notes: [`Without a role: ${GROUPS.join(", ")}, as the scheduled restart does.`],
  run: async (flags, words) => (await import("./stack/restart.ts")).restart(flags, words as Role[]),
});

const cancelCommand = stackCommand({
  name: "cancel",
  summary: "Removes the locks of a deployment that crashed",
  notes: ["Removes Pulumi's lock of the stack and the fleet's lock. A lock whose holder still runs stays, and the command exits with 1."],
  run: async (flags) => (await import("./stack/cancel.ts")).cancel(flags),
});

const openCommand = stackCommand<{ port: number }>({
  name: "open",
  summary: "Opens a tunnel to the web UI, until Ctrl-C",
  flags: {
    port: {
      value: "N",
      help: "the port on this machine (default: 5080)",
      schema: z.coerce
        .number("write a port")
        .int("write a port")
        .min(1, "write 1 or more")
        .max(65_535, "write 65535 or less")
        .default(5_080),
    },
  },
  notes: ["The edge speaks plain HTTP: through the tunnel, the token does not cross the internet in clear text."],
  run: async (flags) => (await import("./stack/open.ts")).open(flags),
});

const trustCommand = stackCommand<{ yes: boolean }>({
  name: "host trust",
  summary: "Records a host's new SSH key after the host was reinstalled",
  positionals: ["NAME"],
  flags: { yes },
  notes: ["Compare the fingerprint with the one that the host's provider shows. Then run './orb up' to set up the host again."],
  run: async (flags, [name = ""]) => (await import("./stack/host-trust.ts")).trustHost(flags, name),
});

const removeCommand = stackCommand<{ yes: boolean; dead: boolean }>({
  name: "host remove",
  summary: "Removes a permanently lost host from the fleet",
  positionals: ["NAME"],
  flags: { yes, dead: switchFlag("confirm that the host is lost and cannot be reached") },
  notes: ["Removes it from swarm, state and stack config, then deploys. The data host cannot be removed, only replaced."],
  async run(flags, [name = ""]) {
    if (!flags.dead) {
      const remedy =
        "add --dead if the host is permanently lost. To remove a host that answers, delete it from orbweaver:hosts and run ./orb up";
      throw new UsageError("host remove", [{ path: "--dead", remedy }]);
    }
    return (await import("./stack/host-remove.ts")).removeDeadHost(flags, name);
  },
});

const destroyCommand = stackCommand<{ yes: boolean; deleteData: boolean }>({
  name: "destroy",
  summary: "Removes a stack's fleet but keeps the data on the data host",
  flags: { yes, deleteData: switchFlag("delete the data as well: every project, task and result; this cannot be undone") },
  notes: [
    "Without --delete-data, /data/orbweaver on the data host stays, and another './orb up' uses it again. At a terminal it asks first; without a",
    "terminal, --delete-data needs --yes.",
  ],
  run: async (flags) => (await import("./stack/deploy.ts")).destroy(flags),
});

/** In the order of the help. */
export const stackCommands: Command[] = [
  upCommand,
  previewCommand,
  scaleCommand,
  upgradeCommand,
  statusCommand,
  driftCommand,
  logsCommand,
  restartCommand,
  openCommand,
  trustCommand,
  removeCommand,
  cancelCommand,
  destroyCommand,
];
