/** The only place that reads Pulumi's own configuration. */
import * as pulumi from "@pulumi/pulumi";
import { type FleetConfig, parseStackConfig } from "./config.ts";
import { NAMESPACE, settingName } from "./setting-names.ts";

/** @throws BadInputError naming every problem at once. The returned secret is plain text: values derived from it must be marked as secret. */
export const readStackConfig = (): FleetConfig => parseSettings(pulumi.runtime.allConfig());

/**
 * Reads the settings of Pulumi's configuration; those of other namespaces are ignored.
 *
 * @param texts values as Pulumi stores them, by full name, such as `orbweaver:hosts`.
 * @throws BadInputError naming every problem at once.
 */
export function parseSettings(texts: Record<string, string>): FleetConfig {
  const own = Object.entries(texts).filter(([name]) => name.startsWith(NAMESPACE));
  return parseStackConfig(Object.fromEntries(own.map(([name, text]) => [name.slice(NAMESPACE.length), readSetting(text)])));
}

/** The texts with some parts of a setting replaced, such as those of `replicas`: what `pulumi config set --path` makes of them. */
export function withParts(texts: Record<string, string>, key: string, parts: Record<string, unknown>): Record<string, string> {
  const name = settingName(key);
  const current = readSetting(texts[name] ?? "{}");
  return typeof current === "object" ? { ...texts, [name]: JSON.stringify({ ...current, ...parts }) } : texts;
}

/** Pulumi stores lists, objects and booleans as JSON text, and text unchanged. No whole setting is a number, and a secret may be all digits. */
function readSetting(text: string): unknown {
  if (!/^(?:[[{"]|true$|false$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
