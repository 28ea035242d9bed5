/** The definition of one kind of resource in a stand-in provider. */

// biome-ignore lint/suspicious/noExplicitAny: the engine sends any input of the program; `Shape` describes it.
export type Values = Record<string, any>;

/** The inputs that a stand-in supports: a name with `true` for a plain value (a map with free keys, too), a shape for an object, or a list of either. */
export interface Shape {
  [input: string]: true | Shape | [true] | [Shape];
}

export interface Created {
  id: string;
  outputs: Values;
}

export interface Kind {
  shape: Shape;
  /** Why these inputs are invalid, apart from names that are not in `shape`. */
  refuse?: (inputs: Values) => string[];
  /** Inputs that are changed in place; any other means a new resource. */
  updatable: "all" | readonly string[];
  /** Paths of inputs that need a new resource even so, such as `taskSpec.networksAdvanceds`. */
  replacing?: readonly string[];
  /** Paths of lists whose order does not matter. */
  sets?: readonly string[];
  create: (inputs: Values) => Promise<Created>;
  /** Its current state; undefined if it is gone. Without this function, the state is not read. */
  read?: (id: string, state: Values) => Promise<Values | undefined>;
  update?: (id: string, state: Values, inputs: Values) => Promise<Values>;
  delete: (id: string, state: Values) => Promise<void>;
}

/** A provider by the tokens of its kinds, such as `docker:index/container:Container`. */
export interface StandIn {
  name: string;
  version: string;
  configure: (settings: Values) => Record<string, Kind>;
}

/** Every input that is not in the shape, as `ports[0].ip`. */
export function unknownInputs(value: unknown, shape: Shape[string] | Shape, path = ""): string[] {
  if (shape === true || value === null || value === undefined || typeof value === "string") return [];
  if (Array.isArray(shape))
    return Array.isArray(value) ? value.flatMap((entry, index) => unknownInputs(entry, shape[0], `${path}[${index}]`)) : [];
  return Object.entries(value as Values).flatMap(([name, inner]) => {
    const place = path === "" ? name : `${path}.${name}`;
    const known = shape[name];
    return known === undefined ? [place] : unknownInputs(inner, known, place);
  });
}
