/** The lab's replacement of the internet: 198.51.100.0/24, which RFC 5737 reserves for documentation. */
export const INTERNET = { subnet: "198.51.100.0/24", gateway: "198.51.100.1" } as const;

/** The synthetic website, on port 80. */
export const SITE_ADDRESS = "198.51.100.10";
/** Debian's packages by HTTP, container images by HTTPS. */
export const MIRROR_ADDRESS = "198.51.100.9";
/** The source of the mirror's images; only the mirror uses it. */
export const IMAGE_STORE_ADDRESS = "198.51.100.8";
