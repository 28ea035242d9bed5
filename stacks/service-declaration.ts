/** The current state of a Swarm service, so that a deployment changes only what the stack config changed. */

import { createHash } from "node:crypto";

/** The id of a declaration: the same for the same values. */
export const hashOf = (declaration: unknown): string => createHash("sha256").update(JSON.stringify(declaration)).digest("hex").slice(0, 16);

/** A role's service, from a manager's description. */
export interface ServiceFacts {
  /** How often Swarm was requested to restart all replicas: part of the specification, so that another number would restart them again. */
  forcedRolls: number;
  /** Grows with every change of the service. */
  version: number;
  /** The label `DECLARED_LABEL`; empty if the service does not have it. */
  declared: string;
  /** `updating`, `completed`, `paused`, `rollback_completed` …; empty if it was never updated. */
  updateState: string;
}

/** Label of a service: the id of the declaration that it was made from. */
export const DECLARED_LABEL = "orbweaver.declared";

export interface ServiceDeclaration {
  /** The value of `DECLARED_LABEL`. */
  label: string;
  forcedRolls: number;
  /** The service was made from this declaration: changes by a scheduled restart are not undone. */
  isUnchanged: boolean;
}

/**
 * Decides how a service is declared.
 *
 * An update that Swarm rolled back is retried: the label then includes the service's version, and so differs from the declared one.
 *
 * So is a service that was changed by hand: the provider sends the whole declaration whenever it changes.
 *
 * @param hash the id of the service's part of the stack config.
 * @param facts undefined if the service does not exist.
 * @param hasDrifted whether the service differs from the state after the last deployment.
 */
export function declareService(hash: string, facts: ServiceFacts | undefined, hasDrifted: boolean): ServiceDeclaration {
  if (facts === undefined) return { label: hash, forcedRolls: 0, isUnchanged: false };
  const { forcedRolls, version, declared, updateState } = facts;
  if (hasDrifted || /^(rollback|paused)/.test(updateState)) return { label: `${hash}-${version}`, forcedRolls, isUnchanged: false };
  const isUnchanged = declared.split("-")[0] === hash;
  return { label: isUnchanged ? declared : hash, forcedRolls, isUnchanged };
}
