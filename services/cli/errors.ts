import { BadInputError, CrawlerError, type Problem } from "../core/errors.ts";

/** A command line that is refused; its exit code differs from that of other bad input. */
export class UsageError extends BadInputError {
  constructor(command: string | undefined, problems: Problem[]) {
    super(`${command === undefined ? "./orb" : `./orb ${command}`} was not understood`, problems);
  }
}

/** Who holds a data directory, as its owner wrote it down. */
export interface DataOwner {
  pid: number;
  command: string;
  /** ISO 8601, UTC. */
  started: string;
  url?: string;
}

/** Another process works on the same data; two would ruin it. */
export class DataInUseError extends CrawlerError {
  readonly code = "E_DATA_IN_USE";
  readonly retryable = false;

  constructor(directory: string, owner: DataOwner | undefined) {
    const where = owner?.url === undefined ? "" : `, on ${owner.url}`;
    const who = owner === undefined ? "another process" : `process ${owner.pid} (${owner.command}, since ${owner.started}${where})`;
    super(`The data in ${directory} is in use by ${who}. Stop that one, or choose another directory with --data.`);
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

/** The results are there, and the file that they were to go to does not take them. */
export class ResultFileError extends CrawlerError {
  readonly code = "E_RESULT_FILE";
  readonly retryable = false;

  /** `whole`: where they are instead. */
  constructor(path: string, cause: unknown, whole?: string) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const instead = whole === undefined ? "Make room, or choose another file with --out." : `All of them are in ${whole}.`;
    super(`The results cannot be written to ${path} (${reason}). ${instead}`, { cause });
  }
}

/** The engine that deploys is not on this machine. */
export class NoPulumiError extends CrawlerError {
  readonly code = "E_NO_PULUMI";
  readonly retryable = false;

  constructor(options: ErrorOptions) {
    const reason = options.cause instanceof Error ? options.cause.message : String(options.cause);
    super(
      `The program 'pulumi' is needed to deploy, and does not answer: ${reason}. Install it: https://www.pulumi.com/docs/install`,
      options,
    );
  }
}

/** There is nothing that says what a stack is made of. */
export class NoStackConfigError extends CrawlerError {
  readonly code = "E_NO_STACK_CONFIG";
  readonly retryable = false;

  constructor(name: string) {
    super(
      `There is no Pulumi.${name}.yaml. Copy Pulumi.example.yaml to it and write your hosts into it, or name another stack with --stack.`,
    );
  }
}

/** The engine ended with an error; what it said of it is above. */
export class DeploymentFailedError extends CrawlerError {
  readonly code = "E_DEPLOYMENT_FAILED";
  readonly retryable = true;

  constructor(failures: string[], options: ErrorOptions) {
    super(
      `The deployment stopped. ${failures.length > 0 ? `What failed:\n${failures.join("\n")}\n` : ""}What is done stays done: correct it and run the same command again.`,
      options,
    );
  }
}

/** A command on the lab's stack, and no lab. */
export class NoLabError extends CrawlerError {
  readonly code = "E_NO_LAB";
  readonly retryable = false;

  constructor() {
    super("The lab is down. Bring it up: ./orb lab up");
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

/** Another deployment or restart of the fleet does not end. */
export class FleetLockedError extends CrawlerError {
  readonly code = "E_FLEET_LOCKED";
  readonly retryable = true;

  constructor(holder: string, minutes: number) {
    super(
      `The fleet's lock has been held for ${minutes} minutes by ${holder}. If that one is dead, drop its lock on a manager: docker config rm orbweaver-lock`,
    );
  }
}

/** The fleet is gone, and the data that was to go with it is still there. */
export class DataNotDeletedError extends CrawlerError {
  readonly code = "E_DATA_NOT_DELETED";
  readonly retryable = true;

  constructor(host: string, folder: string, reason: string) {
    super(`The fleet is gone, but ${folder} on ${host} could not be deleted: ${reason}. Delete it there by hand.`);
  }
}
