/** How settings are named in Pulumi's configuration. */

/** The project's name in Pulumi.yaml, and the namespace of its settings. */
export const PROJECT = "orbweaver";

export const NAMESPACE = `${PROJECT}:`;

/** The name of a setting in Pulumi's configuration: `"replicas.webui" -> "orbweaver:replicas.webui"`. */
export const settingName = (path: string): string => `${NAMESPACE}${path}`;
