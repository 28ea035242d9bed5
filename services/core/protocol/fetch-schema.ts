/** The table of fetch options as zod schemas, for the bodies of requests. */
import { z } from "zod";
import { FETCH_OPTION_ENTRIES, FETCH_OPTIONS, type FetchOptionName } from "./fetch-options.ts";

/** The schema of one option, with the table's own check; the value is required. */
export function requiredOption(name: FetchOptionName): z.ZodType {
  const { isValid, accepts } = FETCH_OPTIONS[name];
  return z.custom(isValid, `write ${accepts}`);
}

/** All options of a task. */
export const fetchSchema = (): Record<string, z.ZodType> =>
  Object.fromEntries(FETCH_OPTION_ENTRIES.map(([name]) => [name, requiredOption(name).optional()]));

/** The options that the renderer reads, with its defaults. */
export const renderedSchema = (): Record<string, z.ZodType> =>
  Object.fromEntries(
    FETCH_OPTION_ENTRIES.flatMap(([name, { renderer }]) => {
      if (!renderer) return [];
      const { fallback } = renderer;
      return [[name, fallback === undefined ? requiredOption(name).optional() : requiredOption(name).default(fallback)]];
    }),
  );
