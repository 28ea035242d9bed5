/** Names and ports of the mesh, shared by its own files, the firewall and Docker's units. */

/** tinc's name for it: `/etc/tinc/<MESH>`, `tinc@<MESH>.service`. */
export const MESH = "orbweaver";
export const MESH_INTERFACE = "orbmesh";
export const MESH_PORT = 655;

export interface MeshHost {
  /** In stack config; also its name in tinc. */
  name: string;
  /** The address at which other hosts reach its tinc. */
  address: string;
  meshIp: string;
}
