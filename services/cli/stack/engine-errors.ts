/** Errors of the engine `pulumi` before or during a deployment, each with what to do. */
import { CrawlerError } from "../../core/protocol/errors.ts";

/** The engine is older than what the program needs. */
export class PulumiTooOldError extends CrawlerError {
  readonly code = "E_PULUMI_TOO_OLD";
  readonly retryable = false;

  constructor(version: string, needed: string, options?: ErrorOptions) {
    super(
      `The program 'pulumi' on this machine is version ${version}; ${needed} or newer is needed. Update it: https://www.pulumi.com/docs/install`,
      options,
    );
  }
}

/** Pulumi.yaml or a stack's file cannot be read. */
export class StackFileError extends CrawlerError {
  readonly code = "E_STACK_FILE";
  readonly retryable = false;

  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`${file} cannot be read: ${reason}. Correct it; Pulumi.example.yaml shows what belongs where.`, options);
  }
}

/** Pulumi has no place to store the state. */
export class NotLoggedInError extends CrawlerError {
  readonly code = "E_NOT_LOGGED_IN";
  readonly retryable = false;

  constructor(options?: ErrorOptions) {
    super(
      "Pulumi is not logged in, so that it has no place for the stack's state. Run 'pulumi login --local' to keep the state on this machine, or 'pulumi login' with a shared place: https://www.pulumi.com/docs/iac/concepts/state-and-backends",
      options,
    );
  }
}

/** The place of the state cannot be opened. */
export class StateBackendError extends CrawlerError {
  readonly code = "E_STATE_BACKEND";
  readonly retryable = true;

  constructor(reason: string, options?: ErrorOptions) {
    super(`The stack's state cannot be reached: ${reason}. Check PULUMI_BACKEND_URL, or run 'pulumi login' again.`, options);
  }
}

/** The state has no stack of this name. */
export class NoStackError extends CrawlerError {
  readonly code = "E_NO_STACK";
  readonly retryable = false;

  constructor(name: string, options?: ErrorOptions) {
    super(
      `The state has no stack '${name}'. Create it: pulumi stack init ${name}. If it exists elsewhere, run 'pulumi login' with that place.`,
      options,
    );
  }
}

/** Secrets of the stack's file cannot be decrypted. */
export class PassphraseError extends CrawlerError {
  readonly code = "E_PASSPHRASE";
  readonly retryable = false;

  constructor(what: string, remedy: string, options?: ErrorOptions) {
    super(`${what}. ${remedy}`, options);
  }
}

/** A provider plugin is neither on this machine nor can it be downloaded. */
export class ProviderPluginError extends CrawlerError {
  readonly code = "E_PROVIDER_PLUGIN";
  readonly retryable = true;

  constructor({ plugin, version, reason }: { plugin: string; version: string; reason: string }, options?: ErrorOptions) {
    super(
      `Pulumi's plugin '${plugin}' ${version} is not on this machine and cannot be downloaded: ${reason}. Check the network, then run the same command again; or install it from a file: pulumi plugin install resource ${plugin} ${version} --file FILE`,
      options,
    );
  }
}

/** The holder of Pulumi's own lock of a stack. */
export interface EngineLock {
  /** `user@machine` */
  owner: string;
  machine: string;
  pid: number;
  /** ISO 8601. */
  since: string;
}

/** Another run of the engine works on the same stack. */
export class StackLockedError extends CrawlerError {
  readonly code = "E_STACK_LOCKED";
  readonly retryable = true;
  readonly locks: EngineLock[];

  /** @param locks empty if the state's backend does not name the holder. */
  constructor(name: string, locks: EngineLock[], options?: ErrorOptions) {
    const who = locks.map(({ owner, pid, since }) => `${owner} (process ${pid}, since ${since})`).join(" and ") || "another deployment";
    super(`The stack '${name}' is locked by ${who}. Wait until it ends. If it crashed, run: ./orb cancel --stack ${name}`, options);
    this.locks = locks;
  }
}

/** The engine ended with an error that has no specific message here. */
export class EngineError extends CrawlerError {
  readonly code = "E_ENGINE";
  readonly retryable = false;

  constructor(said: string, options?: ErrorOptions) {
    super(`The engine 'pulumi' ended with an error:\n${said}`, options);
  }
}
