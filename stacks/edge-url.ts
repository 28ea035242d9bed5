/** Where an edge host answers: `"203.0.113.11"` -> `"http://203.0.113.11"`, `"2001:db8::1"` -> `"http://[2001:db8::1]"`. */
export const edgeUrl = (address: string): string => `http://${address.includes(":") ? `[${address}]` : address}`;
