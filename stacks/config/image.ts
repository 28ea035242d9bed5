/** Names of images in Docker's grammar (github.com/distribution/reference, reference.go). */

const FORM = "write an image with its tag or, better, its digest, such as registry.example/postgres@sha256:<64 hexadecimal digits>";
const LOWER_CASE = "Docker allows no capital letters in an image's name: write it in lower case";
const MAX_NAME_LENGTH = 255;

const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** Separated by one dot, one or two underscores, or any number of hyphens. */
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(?::(\d{1,5}))?$/i;
const MAX_PORT = 65_535;
/** Docker parses a name of 64 hexadecimal digits as the id of an image. */
const IMAGE_ID = /^[0-9a-f]{64}$/;

/** The problem of a reference to an image with its remedy; undefined if Docker accepts it and it has a tag or a digest. */
export function imageProblem(reference: string): string | undefined {
  const [tagged = "", digest, ...more] = reference.split("@");
  const [, name = "", tag] = /^(.*?)(?::([^:/]*))?$/s.exec(tagged) ?? [];
  const isPinned = tag !== undefined || digest !== undefined;
  const isWhole = more.length === 0 && (tag === undefined || TAG.test(tag)) && (digest === undefined || DIGEST.test(digest));
  if (!isPinned || !isWhole) return FORM;
  const components = name.split("/");
  const path = components.length > 1 && isDomain(components[0] ?? "") ? components.slice(1) : components;
  if (path.some((component) => !PATH_COMPONENT.test(component) && PATH_COMPONENT.test(component.toLowerCase()))) return LOWER_CASE;
  const isName = path.every((component) => PATH_COMPONENT.test(component)) && name.length <= MAX_NAME_LENGTH && !IMAGE_ID.test(name);
  return isName ? undefined : FORM;
}

/** The first part of a name is a registry if it looks like one; otherwise it is part of a name on Docker Hub. */
function isDomain(component: string): boolean {
  const [, port] = DOMAIN.exec(component) ?? [];
  const looksLikeOne = /[.:]/.test(component) || component === "localhost";
  return looksLikeOne && DOMAIN.test(component) && Number(port ?? 1) <= MAX_PORT;
}
