/** The one place that touches Pulumi's own configuration. */
import * as pulumi from "@pulumi/pulumi";
import { type FleetConfig, parseStackConfig } from "./config.ts";

/** @throws BadInputError naming every problem at once. The secret in what it returns is plain: whatever is made of it has to be marked as one. */
export function readStackConfig(): FleetConfig {
  const prefix = `${pulumi.getProject()}:`;
  const entries = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(prefix));
  return parseStackConfig(Object.fromEntries(entries.map(([key, text]) => [key.slice(prefix.length), readSetting(text)])));
}

/** Pulumi keeps lists, objects, numbers and switches as JSON text, and text as it is. */
export function readSetting(text: string): unknown {
  if (!/^(?:[[{"]|true$|false$|-?\d)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
