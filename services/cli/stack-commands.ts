import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Command, Flag } from "./arguments.ts";
import { switchFlag } from "./flags.ts";
import type { StackFlags } from "./stack/deploy.ts";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));

const stack: Flag = {
  value: "NAME",
  help: "the stack, whose config is Pulumi.NAME.yaml (default: fleet)",
  schema: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,40}$/, "write a name of letters a-z, digits and hyphens")
    .default("fleet"),
};
const config: Flag = {
  value: "DIR",
  help: "where Pulumi.yaml and the stack's config are (default: this checkout)",
  schema: z
    .string()
    .min(1, "write the path of a directory")
    .default(CHECKOUT)
    .transform((text) => resolve(text)),
};
const json = switchFlag("end with one JSON line on stdout");

export const upCommand: Command = {
  name: "up",
  summary: "Makes the hosts of a stack the fleet that its config describes",
  positionals: [],
  flags: { stack, config, json },
  notes: ["Says what it will do before it does it. What is done stays done: after an error, correct it and run the same command again."],
  run: async ({ flags }) => (await import("./stack/deploy.ts")).up(flags as unknown as StackFlags),
};

export const previewCommand: Command = {
  name: "preview",
  summary: "Says what './orb up' would change, and changes nothing",
  positionals: [],
  flags: { stack, config, json, expectNoChanges: switchFlag("exit with 1 if there is anything to change") },
  notes: [],
  run: async ({ flags }) => (await import("./stack/deploy.ts")).preview(flags as unknown as StackFlags & { expectNoChanges: boolean }),
};

export const destroyCommand: Command = {
  name: "destroy",
  summary: "Takes a stack's fleet away; the data host keeps its data",
  positionals: [],
  flags: { stack, config, json },
  notes: ["/data/orbweaver on the data host stays. Another './orb up' goes on with it."],
  run: async ({ flags }) => (await import("./stack/deploy.ts")).destroy(flags as unknown as StackFlags),
};
