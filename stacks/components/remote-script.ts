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
  /** Names this installation of the host: a host installed again runs every script again. */
  identity: string;
  /** It does not answer: what it has is left as it is. */
  isAbsent: boolean;
  /** What earlier scripts left there. */
  records: HostRecords;
}

/** Of this deployment: Unix time in seconds. */
const NOW = Math.floor(Date.now() / 1_000);

/** Labels of what Docker keeps on a host alone: a host installed again has none of it, and gets all of it again. */
export const hostLabels = ({ identity }: ScriptHost) => [{ label: "orbweaver.host", value: identity }];

/** Options of a resource that belongs to a host: of an absent host nothing is changed, and so nothing is asked. */
export const onHost = <Options extends pulumi.ResourceOptions>({ isAbsent }: ScriptHost, options: Options): Options =>
  isAbsent ? { ...options, ignoreChanges: ["*"] } : options;

export interface RemoteScriptArgs {
  on: ScriptHost;
  script: pulumi.Input<HostScript>;
  /** Shell; runs as root when the resource is removed. It must also work on a host where nothing is left. */
  onDelete?: string;
  /** Whether its output is a secret. */
  printsSecret?: boolean;
}

/**
 * A script that runs on a host when it is new, whenever its text changes, and when the host no longer has what it made. It runs by the operator's
 * own `ssh`: agents, jump hosts and keys with a passphrase work, and no private key is in the state. The text goes through standard input:
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
      // Scripts print what the program reads; people are told by the command line.
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
  /** On the host; its folder is made, for root alone. */
  path: string;
}

/** A file of the operator's machine copied to a host, whole or not at all. A file with another content needs another name. */
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
