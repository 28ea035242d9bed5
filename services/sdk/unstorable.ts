/** Values that have no form in JSON, or would silently become `{}` there. */

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
export const isPromise = (value: unknown) => typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
const has = (value: object, name: string) => typeof Reflect.get(value, name) === "function";

/** A tree is deeper only if it is endless; what is deeper than JSON may be is refused later. */
const MAX_DEPTH = 250;

/**
 * The first part of a value that JSON cannot hold, with what to write instead: `"the field price is a bigint: write String(…)"`.
 *
 * @returns undefined if JSON can hold all of it.
 */
export function unstorablePart(value: unknown): string | undefined {
  return find(value, "", []);
}

function find(value: unknown, path: string, parents: object[]): string | undefined {
  const problem = problemOf(value);
  if (problem !== undefined) return `${path === "" ? "it" : `the field ${path}`} ${problem}`;
  if (!isObject(value) || has(value, "toJSON") || parents.length > MAX_DEPTH) return undefined;
  if (parents.includes(value)) return `the field ${path} contains itself`;
  parents.push(value);
  const found = Array.isArray(value) ? findInList(value, path, parents) : findInFields(value, path, parents);
  parents.pop();
  return found;
}

function findInList(list: unknown[], path: string, parents: object[]): string | undefined {
  for (const [index, item] of list.entries()) {
    const found = find(item, `${path}[${index}]`, parents);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findInFields(object: object, path: string, parents: object[]): string | undefined {
  for (const name of Object.keys(object)) {
    const found = find(Reflect.get(object, name), path === "" ? name : `${path}.${name}`, parents);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** cheerio marks its selections so. A field of data may have the same name. */
const isSelection = (value: object) => Reflect.get(value, "cheerio") === "[cheerio object]";
/** An element of the page's tree: its `nodeType` is inherited, that of data is its own. */
const isNode = (value: object) => "parent" in value && "nodeType" in value && !Object.hasOwn(value, "nodeType");

function problemOf(value: unknown): string | undefined {
  if (typeof value === "bigint") return "is a bigint: write String(…)";
  if (!isObject(value) || Array.isArray(value)) return undefined;
  if (value instanceof Map) return "is a Map: write Object.fromEntries(…)";
  if (value instanceof Set) return "is a Set: write [...…]";
  if (isPromise(value)) return "is a promise: write await before it";
  if (ArrayBuffer.isView(value)) return "has bytes: write .toBase64()";
  if (isSelection(value) || isNode(value)) return "is an element of the page: write .text() or .attr(…)";
  return undefined;
}
