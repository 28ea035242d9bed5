/** What a deployment must know of a Swarm service as it is, so that it changes what the stack config changed and nothing else. */

import { createHash } from "node:crypto";

/** Names a declaration: the same for the same values. */
export const hashOf = (declaration: unknown): string => createHash("sha256").update(JSON.stringify(declaration)).digest("hex").slice(0, 16);

/** A role's service, as a manager describes it. */
export interface ServiceFacts {
  /** How often Swarm was told to renew all replicas: part of the specification, so that another number would renew them again. */
  forcedRolls: number;
  /** Grows with every change of the service. */
  version: number;
  /** The label `DECLARED_LABEL`; empty if the service does not have it. */
  declared: string;
  /** `updating`, `completed`, `paused`, `rollback_completed` …; empty if it was never updated. */
  updateState: string;
}

/** Of a service: names the declaration that it was made from. */
export const DECLARED_LABEL = "orbweaver.declared";

export interface ServiceDeclaration {
  /** The value of `DECLARED_LABEL`. */
  label: string;
  forcedRolls: number;
  /** The service was made from this declaration: what a scheduled restart changed in it is not to be undone. */
  isUnchanged: boolean;
}

/**
 * Decides how a service is declared.
 *
 * An update that Swarm rolled back is tried again: the label then holds the service's version too, and so differs from what was declared.
 *
 * So is a service that somebody changed by hand: the provider sends the whole declaration whenever it changes.
 *
 * @param hash names everything that the stack config says of the service.
 * @param facts undefined if there is no such service.
 * @param hasDrifted whether the service is another than the last deployment left.
 */
export function declareService(hash: string, facts: ServiceFacts | undefined, hasDrifted: boolean): ServiceDeclaration {
  if (facts === undefined) return { label: hash, forcedRolls: 0, isUnchanged: false };
  const { forcedRolls, version, declared, updateState } = facts;
  if (hasDrifted || /^(rollback|paused)/.test(updateState)) return { label: `${hash}-${version}`, forcedRolls, isUnchanged: false };
  const isUnchanged = declared.split("-")[0] === hash;
  return { label: isUnchanged ? declared : hash, forcedRolls, isUnchanged };
}
