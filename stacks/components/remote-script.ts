import { remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type HostScript, renderHostScript, runScriptCommand } from "../render/host-script.ts";

export type Connection = types.input.remote.ConnectionArgs;

export interface RemoteScriptArgs {
  connection: pulumi.Input<Connection>;
  script: pulumi.Input<HostScript>;
  /** Runs when the resource is taken away; it has to work on a host where nothing is left, too. */
  onDelete?: string;
  /** Whether what it prints is a secret. */
  printsSecret?: boolean;
}

/**
 * A script that runs on a host when it is new and whenever its text changes. The text goes through standard input: arguments would be in `ps`,
 * and the provider puts the whole command into its errors.
 */
export function remoteScript(name: string, args: RemoteScriptArgs, options: pulumi.CustomResourceOptions): remote.Command {
  const script = pulumi.output(args.script);
  // A secret in the script makes no secret of how it is run.
  const command = pulumi.unsecret(script.apply(({ timeoutSeconds }) => runScriptCommand(timeoutSeconds)));
  return new remote.Command(
    name,
    {
      connection: args.connection,
      create: command,
      update: command,
      stdin: script.apply(renderHostScript),
      ...(args.onDelete === undefined ? {} : { delete: args.onDelete }),
      // A line of more than 64 KiB in what is logged would hang the provider.
      logging: remote.Logging.None,
      addPreviousOutputInEnv: false,
    },
    { ...options, additionalSecretOutputs: args.printsSecret ? ["stdout", "stderr"] : [] },
  );
}
