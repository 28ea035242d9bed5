import { dirname } from "node:path";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type HostRecords, runOf } from "../host-records.ts";
import { type HostScript, renderHostScript, runScriptCommand, shellWord } from "../render/host-script.ts";
import { forgetRecord } from "../render/record-script.ts";
import { asRoot, type SshTarget, sshCommandText } from "../ssh.ts";

/** A host that scripts run on. */
export interface ScriptHost {
  host: SshTarget;
  /** Its SSH key, such as `ssh-ed25519 AAAA…`. */
  hostKey: string;
  /** The id of this installation of the host: a reinstalled host runs every script again. */
  identity: string;
  /** It does not answer: it is left unchanged. */
  isAbsent: boolean;
  /** The records of earlier scripts on it. */
  records: HostRecords;
}

/** Of this deployment: Unix time in seconds. */
const NOW = Math.floor(Date.now() / 1_000);

/** The run number in the declaration of a host's script; `absent` for a host that does not answer, where no script runs. */
export const declaredRun = ({ records, isAbsent }: ScriptHost, name: string): string =>
  isAbsent ? "absent" : String(runOf(records, name, NOW));

/** Labels of resources that Docker stores only on a host: after a reinstallation of the host they are created again. */
export const hostLabels = ({ identity }: ScriptHost) => [{ label: "orbweaver.host", value: identity }];

/** Options of a resource that belongs to a host: for an absent host nothing is changed, and no query is sent. */
export const onHost = <Options extends pulumi.ResourceOptions>({ isAbsent }: ScriptHost, options: Options): Options =>
  isAbsent ? { ...options, ignoreChanges: ["*"] } : options;

export interface RemoteScriptArgs {
  on: ScriptHost;
  script: pulumi.Input<HostScript>;
  /** Shell; runs as root when the resource is removed. It must also work on a host that has lost everything. */
  onDelete?: string;
  /** Whether its output is a secret. */
  printsSecret?: boolean;
}

/**
 * A script that runs on a host when it is new, whenever its text changes, and when the host has lost what it made. It runs through the operator's
 * own `ssh`: agents, jump hosts and keys with a passphrase work, and no private key is in the state. The text goes through standard input, because
 * arguments would be visible in `ps`.
 */
export function remoteScript(name: string, { on, ...args }: RemoteScriptArgs, options: pulumi.CustomResourceOptions): local.Command {
  const script = pulumi.output(args.script);
  const record = { resource: name, run: runOf(on.records, name, NOW) };
  const overSsh = (command: string) => sshCommandText(on.host, on.hostKey, asRoot(on.host, command));
  // A secret in the script does not make the command a secret.
  const command = pulumi.unsecret(script.apply(({ timeoutSeconds }) => overSsh(runScriptCommand(timeoutSeconds))));
  return new local.Command(
    name,
    {
      create: command,
      update: command,
      stdin: script.apply((text) => `# for host ${on.identity}\n${renderHostScript(text, record)}`),
      delete: overSsh(`sh -c ${shellWord([args.onDelete, forgetRecord(name)].filter(Boolean).join("\n"))} </dev/null`),
      // The program reads the script's output; the command line informs people.
      logging: local.Logging.None,
      addPreviousOutputInEnv: false,
    },
    onHost(on, { ...options, additionalSecretOutputs: args.printsSecret ? ["stdout", "stderr"] : [] }),
  );
}

export interface RemoteFileArgs {
  on: ScriptHost;
  /** The file on the operator's machine, as a shell word. The text is the same for every operator. */
  source: string;
  /** On the host; its folder is created for root only. */
  path: string;
}

/** A file of the operator's machine, copied to a host atomically. A file with another content needs another name. */
export function remoteFile(name: string, { on, source, path }: RemoteFileArgs, options: pulumi.CustomResourceOptions): local.Command {
  const draft = `${path}.new`;
  const write = `umask 077 && mkdir -p ${dirname(path)} && cat >${draft} && mv ${draft} ${path}`;
  const copy = `${sshCommandText(on.host, on.hostKey, asRoot(on.host, `sh -c ${shellWord(write)}`))} <${source}`;
  return new local.Command(
    name,
    {
      create: copy,
      update: copy,
      environment: { ORBWEAVER_HOST: on.identity },
      logging: local.Logging.None,
      addPreviousOutputInEnv: false,
    },
    onHost(on, options),
  );
}
