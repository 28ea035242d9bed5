import { seconds } from "../render/docker-duration.ts";
import { hashOf } from "../service-declaration.ts";
import { hostLabels, type ScriptHost } from "./remote-script.ts";

/**
 * The labels of a container. The provider reports some changes as applied although they never reach a container, such as a health check or a tmpfs:
 * `fixed` has them, and its hash is a label, so that another one replaces the container.
 */
export const containerLabels = (on: ScriptHost, fixed: unknown) => [
  { label: "orbweaver.settings", value: hashOf(fixed) },
  ...hostLabels(on),
];

/** The health check of a container. The order of its fields is part of the container's label. @param startSeconds how long it may fail at the start. */
export const healthcheckOf = (command: readonly string[], startSeconds: number) => ({
  tests: ["CMD", ...command],
  retries: 3,
  interval: seconds(5),
  timeout: seconds(10),
  startPeriod: seconds(startSeconds),
});
