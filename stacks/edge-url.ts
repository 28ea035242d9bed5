/** An address in a URL: IPv6 in brackets (RFC 3986, section 3.2.2). */
export const urlHost = (address: string): string => (address.includes(":") ? `[${address}]` : address);

/** The URL of an edge host: `"2001:db8::1"` -> `"http://[2001:db8::1]"`. */
export const edgeUrl = (address: string): string => `http://${urlHost(address)}`;
