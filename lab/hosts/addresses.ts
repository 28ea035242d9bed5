/** The lab's stand-in for the internet: 198.51.100.0/24, which RFC 5737 keeps for documentation. */
export const INTERNET = { subnet: "198.51.100.0/24", gateway: "198.51.100.1" } as const;

/** The synthetic website, on port 80. */
export const SITE_ADDRESS = "198.51.100.10";
/** Debian's packages by HTTP, container images by HTTPS. */
export const MIRROR_ADDRESS = "198.51.100.9";
/** Where the mirror has its images from; only the mirror asks it. */
export const IMAGE_STORE_ADDRESS = "198.51.100.8";

export interface LabHost {
  /** In stack config, too. */
  name: string;
  /** Where it answers SSH. */
  address: string;
}

/** The bare hosts. */
export const HOSTS: readonly LabHost[] = [
  { name: "data", address: "198.51.100.11" },
  { name: "work1", address: "198.51.100.12" },
  { name: "work2", address: "198.51.100.13" },
];

/** A line of sources.list for the hosts. */
export const APT_SOURCE = `deb [trusted=yes] http://${MIRROR_ADDRESS}/debian ./`;
