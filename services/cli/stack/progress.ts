/** The engine's events as lines for people: the start and end of each change, each warning once, and failures with their message. */
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { shortFailure } from "./failure-message.ts";

const DOING: Record<string, string> = {
  create: "creating",
  update: "updating",
  delete: "deleting",
  "create-replacement": "replacing",
  "delete-replaced": "removing the earlier",
};
const DONE: Record<string, string> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  "create-replacement": "replaced",
  "delete-replaced": "removed the earlier",
};
/** Maximum time without a line. */
const SILENCE_MS = 10_000;
const MAX_NAMED = 4;

/** Events without information: how the engine found a plugin, and that a run with failed resources failed. */
const NOISE = /^(?:using pulumi-resource-\w+ from \$PATH|(?:update|preview|destroy) failed$)/;

/** `urn:pulumi:lab::orbweaver::…$docker:index/service:Service::webui` -> `webui (Service)` */
export function resourceName(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  const type = types.split("$").at(-1)?.split(":").at(-1) ?? "";
  return `${name.join("::")} (${type})`;
}

/** A resource that could not be created or changed. */
export interface ResourceFailure {
  urn: string;
  message: string;
}

export interface ProgressOptions {
  say: (line: string) => void;
  /** What the engine does while no resource is being changed, such as `computing the changes`. */
  phase: string;
  /** Milliseconds. */
  now?: () => number;
}

/**
 * Keeps the failures for the error that ends the command, and the steps for the plan. It keeps no other event, because messages can contain
 * secrets. Disposing stops its reminders.
 */
export class DeploymentProgress implements Disposable {
  readonly failures: ResourceFailure[] = [];
  /** In a preview: all steps. */
  readonly planned: StepEventMetadata[] = [];
  /** In a preview: none. */
  readonly done: StepEventMetadata[] = [];
  readonly #options: Required<ProgressOptions>;
  readonly #running = new Map<string, { verb: string; since: number }>();
  readonly #warned = new Set<string>();
  readonly #began: number;
  readonly #timer: NodeJS.Timeout;
  #lastLine: number;

  constructor(options: ProgressOptions) {
    this.#options = { now: () => performance.now(), ...options };
    this.#began = this.#options.now();
    this.#lastLine = this.#began;
    this.#timer = setInterval(() => this.remind(), 1_000);
    this.#timer.unref();
  }

  /** Takes one event. */
  readonly show = (event: EngineEvent): void => {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } = event;
    if (resourcePreEvent) this.planned.push(resourcePreEvent.metadata);
    if (resourcePreEvent && !resourcePreEvent.planning) this.#begin(resourcePreEvent.metadata);
    if (resOutputsEvent && !resOutputsEvent.planning) this.#end(resOutputsEvent.metadata);
    if (resOpFailedEvent) this.#running.delete(resOpFailedEvent.metadata.urn);
    if (diagnosticEvent) this.#tell(diagnosticEvent);
  };

  /** Prints what is still running if no line was printed for ten seconds. */
  remind(): void {
    const now = this.#options.now();
    if (now - this.#lastLine < SILENCE_MS) return;
    const seconds = (since: number) => `${Math.round((now - since) / 1_000)} s`;
    const running = [...this.#running].map(([urn, { verb, since }]) => `${verb} ${resourceName(urn)} (${seconds(since)})`);
    const more = running.length > MAX_NAMED ? ` and ${running.length - MAX_NAMED} more` : "";
    const what =
      running.length > 0 ? `${running.slice(0, MAX_NAMED).join(", ")}${more}` : `${this.#options.phase} (${seconds(this.#began)})`;
    this.#say(`still ${what}`);
  }

  /** The running changes, such as `creating postgres (Container)`. */
  get running(): string[] {
    return [...this.#running].map(([urn, { verb }]) => `${verb} ${resourceName(urn)}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #say(line: string): void {
    this.#lastLine = this.#options.now();
    this.#options.say(line);
  }

  #begin({ op, urn, type }: { op: string; urn: string; type: string }): void {
    const verb = DOING[op];
    if (!verb || isOurs(type)) return;
    if (!this.#running.has(urn)) this.#say(`${verb} ${resourceName(urn)}`);
    this.#running.set(urn, { verb, since: this.#running.get(urn)?.since ?? this.#options.now() });
  }

  #end(step: StepEventMetadata): void {
    this.done.push(step);
    const { op, urn, type } = step;
    const verb = DONE[op];
    const began = this.#running.get(urn);
    if (!verb || !began || isOurs(type)) return;
    this.#running.delete(urn);
    this.#say(`${verb} ${resourceName(urn)} in ${((this.#options.now() - began.since) / 1_000).toFixed(1)} s`);
  }

  #tell({ severity, urn, message }: { severity: string; urn?: string; message: string }): void {
    const text = message.trim();
    if (NOISE.test(text)) return;
    if (severity === "error") this.#fail(urn, text);
    if (severity === "info") this.#say(text);
    if (severity !== "warning" || this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#say(`warning: ${urn ? `${resourceName(urn)}: ` : ""}${text}`);
  }

  #fail(urn: string | undefined, text: string): void {
    // From the program itself, which also threw the error.
    if (!urn) return;
    const message = shortFailure(text);
    if (!this.failures.some((known) => known.urn === urn && known.message === message)) this.failures.push({ urn, message });
  }
}

/** Groups of resources, providers and the stack itself take no time. */
const isOurs = (type: string) => type.startsWith("orbweaver:") || type.startsWith("pulumi:");
