/** Selectors that name one element of a page, for the picker. Pure. */

/** An element as selectors describe it. */
export interface ElementFacts {
  tag: string;
  id: string;
  classes: string[];
  /** Attributes that say what an element is, such as `itemprop`, by name. */
  attributes: Record<string, string>;
  /** Its place among the elements of its tag, from 1. */
  place: number;
}

/** Attributes that sites change less often than their looks. */
export const STABLE_ATTRIBUTES = ["itemprop", "property", "rel", "name", "data-testid", "data-test", "role"] as const;

/**
 * Selectors of an element, the shortest and most stable first: the element alone, then below an ancestor, then by its place.
 *
 * @param path the element, then its ancestors.
 */
export function selectorCandidates(path: readonly ElementFacts[]): string[] {
  const [element, ...ancestors] = path;
  if (!element) return [];
  const own = ownSelectors(element);
  const below = ancestors.flatMap((ancestor) => ownSelectors(ancestor).flatMap((parent) => own.map((self) => `${parent} ${self}`)));
  return [...own, ...byLength(below), whole(path)];
}

/** Of an element alone: without names that a program made. */
function ownSelectors({ tag, id, classes, attributes }: ElementFacts): string[] {
  const stable = classes.filter(isStableName).map((name) => `.${name}`);
  return [
    ...(isStableName(id) ? [`#${id}`] : []),
    ...Object.entries(attributes).map(([name, value]) => `[${name}="${value.replace(/["\\]/g, "\\$&")}"]`),
    ...stable.map((name) => `${tag}${name}`),
    ...(stable.length > 1 ? [`${tag}${stable.join("")}`] : []),
    tag,
  ];
}

/** Words, not hashes: `price`, `product-title`, and neither `css-1x2y3z` nor `item48213`. */
const isStableName = (name: string): boolean =>
  /^[A-Za-z][A-Za-z_-]*$/.test(name) && name.length <= 40 && !/[b-df-hj-np-tv-xz]{7}/i.test(name);

const byLength = (selectors: string[]) => selectors.toSorted((one, other) => one.length - other.length);

/** By the places of all elements: always unique, and the first to break. */
const whole = (path: readonly ElementFacts[]) =>
  path
    .map(({ tag, place }) => `${tag}:nth-of-type(${place})`)
    .reverse()
    .join(" > ");
