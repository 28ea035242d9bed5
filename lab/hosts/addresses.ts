/** The lab's stand-in for the internet: 198.51.100.0/24, which RFC 5737 keeps for documentation. */
export const INTERNET = { subnet: "198.51.100.0/24", gateway: "198.51.100.1" } as const;

/** The synthetic website, on port 80. */
export const SITE_ADDRESS = "198.51.100.10";
/** Debian's packages by HTTP, container images by HTTPS. */
export const MIRROR_ADDRESS = "198.51.100.9";
/** Where the mirror has its images from; only the mirror asks it. */
export const IMAGE_STORE_ADDRESS = "198.51.100.8";
