/** Runs test files in JavaScript and TypeScript, whose imports are replaced by ours. */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname } from "node:path";
import { compileFunction } from "node:vm";
import { NotOurs } from "./recorder.ts";
import type { Outcome } from "./suite.ts";

type Run = () => unknown;

interface Found {
  id: string;
  run: Run;
}

/**
 * Runs `describe`, `it` and `test` of a file one after the other; each test is a case.
 *
 * @param modules by name as the file imports them; a function `default` is the module itself for `require`.
 */
export async function runTestFile(
  path: string,
  modules: Record<string, Record<string, unknown>>,
  globals: Record<string, unknown> = {},
): Promise<Outcome[]> {
  const found: Found[] = [];
  const before: Run[] = [];
  const titles: string[] = [];
  const describe = (title: string, body: Run) => {
    titles.push(title);
    body();
    titles.pop();
  };
  const it = (title: string, run: Run) => void found.push({ id: [...titles, title].join(" / "), run });
  const hook = (run: Run) => void before.push(run);
  const names: Record<string, unknown> = {
    describe,
    it,
    test: it,
    before: hook,
    beforeAll: hook,
    beforeEach: hook,
    afterEach: () => {},
    afterAll: () => {},
    ...globals,
  };
  // Type stripping does not know the old form of assertions.
  const source = readFileSync(path, "utf8").replace(/= <\w+>(?=[{(\w])/g, "= ");
  // In a block, its own names may be those of the arguments.
  const code = `{${withoutImports(path.endsWith(".ts") ? stripTypeScriptTypes(source) : source)}\n}`;
  const load = (name: string) => modules[name] ?? names;
  const all = { ...names, MODULES: load, require: (name: string) => load(name).default ?? load(name), __dirname: dirname(path) };
  await compileFunction(code, Object.keys(all))(...Object.values(all));
  for (const run of before) await run();
  const outcomes: Outcome[] = [];
  for (const { id, run } of found) outcomes.push(...(await outcomeOf(id, run)));
  return numbered(outcomes);
}

async function outcomeOf(id: string, run: Run): Promise<Outcome[]> {
  try {
    await run();
    return [{ id }];
  } catch (error) {
    if (error instanceof NotOurs) return [];
    return [{ id, miss: String((error as Error)?.message ?? error).slice(0, 300) }];
  }
}

/** Some suites use a title twice. */
export function numbered(outcomes: Outcome[]): Outcome[] {
  const seen = new Map<string, number>();
  return outcomes.map(({ id, ...rest }) => {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return { id: count === 1 ? id : `${id} (${count})`, ...rest };
  });
}

const withoutImports = (code: string): string =>
  code
    .replace(/^import\s+type\s[^;]*;/gm, "")
    .replace(
      /^import\s+(?:(\w+)\s*,?\s*)?(?:\{([^}]*)\})?(?:\*\s+as\s+(\w+))?\s*from\s+["']([^"']+)["'];/gm,
      (_, whole, parts, all, name) =>
        [
          whole && `const ${whole} = MODULES("${name}").default;`,
          parts && `const { ${parts.replace(/\btype \w+,?/g, "").replace(/(\w+) as (\w+)/g, "$1: $2")} } = MODULES("${name}");`,
          all && `const ${all} = MODULES("${name}");`,
        ]
          .filter(Boolean)
          .join(" "),
    );
