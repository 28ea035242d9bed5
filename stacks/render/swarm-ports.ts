/** What Docker Swarm listens on between hosts (docs.docker.com, "Open protocols and ports between the hosts"). */
export const SWARM_PORTS = {
  /** TCP, on managers. */
  management: 2_377,
  /** TCP and UDP: members of the overlay networks tell each other who is where. */
  gossip: 7_946,
  /** UDP: what containers send each other. */
  overlay: 4_789,
} as const;
