/** Validates the form of a new project. Pure. */

export interface NewProject {
  name: string;
  startUrl: string;
}

/** The problem of each field; undefined if it is valid. */
export function checkNewProject({ name, startUrl }: NewProject): { name: string | undefined; startUrl: string | undefined } {
  return {
    name: /^[A-Za-z0-9_]{1,64}$/.test(name) ? undefined : "Use 1 to 64 letters a-z, A-Z, digits and _.",
    startUrl: isWebAddress(startUrl) ? undefined : "Write an address that begins with http:// or https://.",
  };
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "http:" || url?.protocol === "https:";
}
