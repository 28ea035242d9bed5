/** The ports of Docker Swarm between hosts (docs.docker.com, "Open protocols and ports between the hosts"). */
export const SWARM_PORTS = {
  /** TCP, on managers. */
  management: 2_377,
  /** TCP and UDP: members of the overlay networks exchange their addresses. */
  gossip: 7_946,
  /** UDP: traffic between containers. */
  overlay: 4_789,
} as const;
