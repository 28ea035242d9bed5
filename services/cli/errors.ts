import { BadInputError, CrawlerError, type Problem } from "../core/protocol/errors.ts";

/** A command line that is refused; its exit code differs from that of other bad input. */
export class UsageError extends BadInputError {
  constructor(command: string | undefined, problems: Problem[]) {
    super(`${command === undefined ? "./orb" : `./orb ${command}`} was not understood`, problems);
  }
}

/** The process that holds a data directory, as recorded in its owner file. */
export interface DataOwner {
  pid: number;
  command: string;
  /** ISO 8601, UTC. */
  started: string;
  url?: string;
}

/** Another process uses the same data directory. Two processes would corrupt it. */
export class DataInUseError extends CrawlerError {
  readonly code = "E_DATA_IN_USE";
  readonly retryable = false;

  constructor(directory: string, owner: DataOwner | undefined) {
    const where = owner?.url === undefined ? "" : `, on ${owner.url}`;
    const who = owner === undefined ? "another process" : `process ${owner.pid} (${owner.command}, since ${owner.started}${where})`;
    super(`The data in ${directory} is in use by ${who}. Stop that process, or choose another directory with --data.`);
  }
}

/** The data directory cannot be made, read or written. */
export class DataDirectoryError extends CrawlerError {
  readonly code = "E_DATA_DIRECTORY";
  readonly retryable = false;

  constructor(directory: string, cause: unknown) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    super(`The data directory ${directory} cannot be used (${reason}). Choose one that this user may write with --data.`, { cause });
  }
}

/** The results are stored, but the output file cannot be written. */
export class ResultFileError extends CrawlerError {
  readonly code = "E_RESULT_FILE";
  readonly retryable = false;

  /** `whole`: the file that has all results. */
  constructor(path: string, cause: unknown, whole?: string) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const instead = whole === undefined ? "Make room, or choose another file with --out." : `All of them are in ${whole}.`;
    super(`The results cannot be written to ${path} (${reason}). ${instead}`, { cause });
  }
}

/** The program `pulumi` is missing on this machine. */
export class NoPulumiError extends CrawlerError {
  readonly code = "E_NO_PULUMI";
  readonly retryable = false;

  constructor(options: ErrorOptions) {
    super(
      "The program 'pulumi' is needed to deploy, and is not on the PATH of this machine. Install it: https://www.pulumi.com/docs/install",
      options,
    );
  }
}

/** The stack has no config file. */
export class NoStackConfigError extends CrawlerError {
  readonly code = "E_NO_STACK_CONFIG";
  readonly retryable = false;

  constructor(name: string) {
    super(
      `There is no Pulumi.${name}.yaml. Copy Pulumi.example.yaml to that name and enter your hosts, or select another stack with --stack.`,
    );
  }
}

/** The plan loses data, and there is no terminal to ask the user. */
export class PlanRefusedError extends CrawlerError {
  readonly code = "E_PLAN_REFUSED";
  readonly retryable = false;

  constructor(losses: string[]) {
    super(
      `This loses data, and there is no terminal to ask at:\n${losses.map((loss) => `  ${loss}`).join("\n")}\nNothing was changed. Run the same command with --yes to accept it.`,
    );
  }
}

/** A signal ended the deployment. */
export class InterruptedError extends CrawlerError {
  readonly code = "E_INTERRUPTED";
  readonly retryable = true;

  /** @param done what was done, such as `nothing was changed`. */
  constructor(done: string, options: ErrorOptions) {
    super(`Interrupted: ${done}. To continue, run the same command again.`, options);
  }
}

/** Resources could not be created or changed. */
export class DeploymentFailedError extends CrawlerError {
  readonly code = "E_DEPLOYMENT_FAILED";
  readonly retryable = true;

  constructor(failures: string[], options: ErrorOptions) {
    super(
      `The deployment stopped. ${failures.length > 0 ? `What failed:\n${failures.join("\n")}\n` : ""}Completed changes are kept: correct the cause and run the same command again.`,
      options,
    );
  }
}

/** A command on the lab's stack while no lab is up. */
export class NoLabError extends CrawlerError {
  readonly code = "E_NO_LAB";
  readonly retryable = false;

  constructor() {
    super("The lab is down. Start it: ./orb lab up");
  }
}

/** No host that manages the swarm answers. */
export class NoManagerError extends CrawlerError {
  readonly code = "E_NO_MANAGER";
  readonly retryable = true;

  constructor(attempts: string[]) {
    super(`No manager of the fleet answers:\n${attempts.join("\n")}\nIs the fleet up? ./orb preview says what is missing.`);
  }
}

/** Another deployment or restart holds the fleet's lock for too long. */
export class FleetLockedError extends CrawlerError {
  readonly code = "E_FLEET_LOCKED";
  readonly retryable = true;

  constructor(holder: string, minutes: number) {
    super(
      `The fleet's lock has been held for ${minutes} minutes by ${holder}, which is still running. Wait until it ends, or stop it; then run the same command again.`,
    );
  }
}

/** The fleet was removed, but its data could not be deleted. */
export class DataNotDeletedError extends CrawlerError {
  readonly code = "E_DATA_NOT_DELETED";
  readonly retryable = true;

  constructor(host: string, folder: string, reason: string) {
    super(`The fleet is gone, but ${folder} on ${host} could not be deleted: ${reason}. Delete the folder on that host by hand.`);
  }
}

/** No edge host can be reached by SSH. */
export class TunnelError extends CrawlerError {
  readonly code = "E_TUNNEL";
  readonly retryable = true;

  constructor(attempts: string[]) {
    super(
      `No edge host can be reached by SSH:\n${attempts.join("\n")}\nCheck the fleet with ./orb status. If the local port is taken, choose another with --port.`,
    );
  }
}

/** A host offers no SSH key that can be recorded. */
export class NoHostKeyError extends CrawlerError {
  readonly code = "E_NO_HOST_KEY";
  readonly retryable = true;

  constructor({ name, address, ssh }: { name: string; address: string; ssh: { port: number } }, said: string) {
    super(
      `${name} shows no ed25519 key at ${address}, port ${ssh.port}: ${said || "no answer"}. Start the host, or correct its address in the stack config.`,
    );
  }
}
