/** The engine's events as lines for people: one when a resource begins, one when it is done, and what failed with its message. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

const DOING: Record<string, string> = {
  create: "creating",
  update: "updating",
  delete: "deleting",
  replace: "replacing",
  "create-replacement": "replacing",
};
const DONE: Record<string, string> = { create: "created", update: "updated", delete: "deleted", "create-replacement": "replaced" };

/** `urn:pulumi:lab::orbweaver::…$docker:index/service:Service::webui` -> `webui (Service)` */
export function resourceName(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  const type = types.split("$").at(-1)?.split(":").at(-1) ?? "";
  return `${name.join("::")} (${type})`;
}

/** A resource that could not be made what it has to be. */
export interface ResourceFailure {
  urn: string;
  message: string;
}

/** Keeps what failed for the error that ends the command. */
export class DeploymentProgress {
  readonly failures: ResourceFailure[] = [];
  readonly #say: (line: string) => void;
  readonly #began = new Map<string, number>();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Takes one event. */
  readonly show = (event: EngineEvent): void => {
    const { resourcePreEvent, resOutputsEvent, diagnosticEvent } = event;
    if (resourcePreEvent && !resourcePreEvent.planning) this.#begin(resourcePreEvent.metadata);
    if (resOutputsEvent && !resOutputsEvent.planning) this.#end(resOutputsEvent.metadata);
    if (diagnosticEvent?.severity === "error") this.#fail(diagnosticEvent.urn, diagnosticEvent.message);
    if (diagnosticEvent?.severity === "info") this.#say(diagnosticEvent.message.trim());
  };

  #begin({ op, urn, type }: { op: string; urn: string; type: string }): void {
    const verb = DOING[op];
    if (!verb || isOurs(type)) return;
    this.#began.set(urn, Date.now());
    this.#say(`${verb} ${resourceName(urn)}`);
  }

  #end({ op, urn, type }: { op: string; urn: string; type: string }): void {
    const verb = DONE[op];
    const began = this.#began.get(urn);
    if (verb && began !== undefined && !isOurs(type))
      this.#say(`${verb} ${resourceName(urn)} in ${((Date.now() - began) / 1_000).toFixed(1)} s`);
  }

  #fail(urn: string | undefined, message: string): void {
    // The engine adds one that says only that the update failed.
    if (!urn || message.trim() === "update failed") return;
    this.failures.push({ urn, message: message.trim() });
  }
}

/** Groups of resources and the stack itself take no time of their own. */
const isOurs = (type: string) => type.startsWith("orbweaver:") || type.startsWith("pulumi:pulumi:");
