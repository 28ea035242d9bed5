/** Errors of the engine and its Automation API, each translated to one sentence with a remedy. */
import { CommandError } from "@pulumi/pulumi/automation/index.js";
import { CrawlerError } from "../../core/protocol/errors.ts";
import { NoPulumiError } from "../errors.ts";
import {
  EngineError,
  type EngineLock,
  NoStackError,
  NotLoggedInError,
  PassphraseError,
  ProviderPluginError,
  PulumiTooOldError,
  StackFileError,
  StackLockedError,
  StateBackendError,
} from "./engine-errors.ts";

interface Rule {
  /** Matched against the engine's output. */
  pattern: RegExp;
  error: (match: RegExpExecArray, context: { stack: string; text: string; options: ErrorOptions }) => CrawlerError;
}

const SET_PASSPHRASE =
  "Set PULUMI_CONFIG_PASSPHRASE to the passphrase of the stack, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it";
/** The last lines of the engine's output, used if no rule fits. */
const LAST_LINES = 20;

const RULES: Rule[] = [
  { pattern: /\bENOENT\b.*pulumi version|spawn pulumi (?:ENOENT|EACCES)/, error: (_, { options }) => new NoPulumiError(options) },
  {
    pattern: /minimum CLI version requirement is (\S+), your current CLI version is ([^\s.]+(?:\.[^\s.]+)*)/,
    error: ([, needed = "", version = ""], { options }) => new PulumiTooOldError(version, needed, options),
  },
  {
    pattern: /invalid YAML file: (?:yaml: |could not unmarshal map: )?(.+)/,
    error: ([, reason = ""], { stack, options }) => new StackFileError(`Pulumi.${stack}.yaml`, reason, options),
  },
  {
    // Such as a key that is there twice.
    pattern: /^(?:error: )?yaml: (?:unmarshal errors:\s+)?(.+)/m,
    error: ([, reason = ""], { stack, options }) => new StackFileError(`Pulumi.${stack}.yaml`, reason, options),
  },
  {
    pattern: /(?:PULUMI_ACCESS_TOKEN must be set for login|you must be logged in|not logged in|invalid access token)/i,
    error: (_, { options }) => new NotLoggedInError(options),
  },
  {
    pattern: /passphrase must be set with/,
    error: (_, { options }) => new PassphraseError("The stack's secrets need a passphrase, and none is set", `${SET_PASSPHRASE}.`, options),
  },
  {
    pattern: /unable to read PULUMI_CONFIG_PASSPHRASE_FILE: (.+)/,
    error: ([, reason = ""], { options }) =>
      new PassphraseError(`The file of PULUMI_CONFIG_PASSPHRASE_FILE cannot be read: ${reason}`, "Correct the variable.", options),
  },
  {
    pattern: /incorrect passphrase/,
    error: (_, { options }) =>
      new PassphraseError("The passphrase is not the one that the stack's secrets were encrypted with", `${SET_PASSPHRASE}.`, options),
  },
  {
    pattern: /could not decrypt configuration|message authentication failed|operation error KMS|error decrypting|failed to decrypt/,
    error: (_, { stack, options }) =>
      new PassphraseError(
        `A secret in Pulumi.${stack}.yaml was encrypted with another passphrase or secrets provider`,
        `Use that one (lines 'secretsprovider', 'encryptionsalt' and 'encryptedkey' of the file belong to it), or set the secret again: pulumi config set --secret orbweaver:secret --stack ${stack}`,
        options,
      ),
  },
  {
    pattern: /the stack is currently locked by|Another update is currently in progress/,
    error: (_, { stack, text, options }) => new StackLockedError(stack, parseLocks(text), options),
  },
  { pattern: /no stack named '([^']+)' found/, error: ([, name = ""], { options }) => new NoStackError(name, options) },
  {
    pattern:
      /unable to open state directory "[^"]*": (.+)|(?:error: |problem logging in: )(.*(?:connection refused|no such host|network is unreachable|i\/o timeout).*)/,
    error: ([, first, second], { options }) => new StateBackendError((first ?? second ?? "").trim(), options),
  },
];

/** Checked before the rules: its text also matches the rule for an unreachable state. */
const PLUGIN = /Could not automatically download and install resource plugin 'pulumi-resource-([\w-]+)' at version v?([\d.]+)[^:]*:\s*(.+)/;

/**
 * Translates an error of the engine.
 *
 * @returns the error to show; the same error if it is not from the engine.
 */
export function translateError(cause: unknown, stack: string): unknown {
  if (!(cause instanceof Error) || cause instanceof CrawlerError) return cause;
  // From js-yaml, for Pulumi.yaml, which the Automation API reads itself.
  if (cause.name === "YAMLException") return new StackFileError("Pulumi.yaml", firstLine(cause.message), { cause });
  const text = cause instanceof CommandError ? printedOf(cause) : cause.message;
  const known = matchRules(text, stack, { cause });
  if (known) return known;
  return cause instanceof CommandError ? new EngineError(lastLines(text), { cause }) : cause;
}

/** The translated failure of one resource, if the engine caused it; undefined if the resource did. */
export function translateFailure(message: string, options?: ErrorOptions): CrawlerError | undefined {
  const match = PLUGIN.exec(message);
  return match
    ? new ProviderPluginError({ plugin: match[1] ?? "", version: match[2] ?? "", reason: (match[3] ?? "").trim() }, options)
    : undefined;
}

function matchRules(text: string, stack: string, options: ErrorOptions): CrawlerError | undefined {
  const plugin = translateFailure(text, options);
  if (plugin) return plugin;
  for (const { pattern, error } of RULES) {
    const match = pattern.exec(text);
    if (match) return error(match, { stack, text, options });
  }
  return undefined;
}

/** `…: created by root@host (pid 12) at 2026-01-01T00:00:00Z` */
export function parseLocks(text: string): EngineLock[] {
  const found = [...text.matchAll(/created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g)].map(
    ([, user = "", machine = "", pid = "", since = ""]) => ({
      ...{ owner: `${user}@${machine}`, machine, pid: Number(pid), since },
    }),
  );
  // The Automation API repeats the engine's output.
  return [...new Map(found.map((lock) => [`${lock.owner} ${lock.pid}`, lock])).values()];
}

/** Without the Automation API's additions: its headings, and the command line, which it prints twice. */
function printedOf({ message }: CommandError): string {
  const [, printed = message] = /stderr: ([\s\S]*?)(?:\n err\?: |$)/.exec(message) ?? [];
  return printed.replace(/^Command failed with exit code \d+: pulumi .*\n?/, "").trim();
}

const lastLines = (text: string) => text.split("\n").slice(-LAST_LINES).join("\n");
const firstLine = (text: string) => text.split("\n")[0] ?? "";
