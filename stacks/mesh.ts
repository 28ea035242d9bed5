/** Names and ports of the mesh that its own files, the firewall and Docker's units share. */

/** tinc's name for it: `/etc/tinc/<MESH>`, `tinc@<MESH>.service`. */
export const MESH = "orbweaver";
export const MESH_INTERFACE = "orbmesh";
export const MESH_PORT = 655;

/** Of the bridge that publishes the balancer's ports on a worker: its gateway is where this host's own requests come from. */
export const FRONT_RANGE = "10.202.0.0/24";

export interface MeshHost {
  /** In stack config; also its name in tinc. */
  name: string;
  /** Where other hosts reach its tinc. */
  address: string;
  meshIp: string;
}
