import ts from "typescript-browser";
import { COMPILER_OPTIONS } from "./compiler-options.ts";
import { API_FILE, GLOBALS_FILE, LIB_FOLDER, type ScriptTypes } from "./script-types.ts";

const SCRIPT = "/script.ts";
/** More would only be scrolled past. */
const MAX_PROBLEMS = 100;

/** "Implicitly has type any because it is referenced in its own initializer": harmless, and usual in a method that gives itself as callback. */
const IGNORED_CODES = new Set([7_022, 7_023]);

/** Offsets are UTF-16 units from the text's start. */
export interface TypeProblem {
  from: number;
  to: number;
  message: string;
}
export interface Completion {
  name: string;
  /** `method`, `property`, `keyword` … (TypeScript's ScriptElementKind). */
  kind: string;
  /** The order of groups: what is nearer comes first. */
  sortText: string;
}
/** The text between two offsets is replaced by another. */
export interface TextChange {
  from: number;
  to: number;
  insert: string;
}
/** A type as it is written, and its documentation. */
export interface TypeFacts {
  type: string;
  documentation: string;
}

/** As in the templates and the documentation. */
const FORMAT: ts.FormatCodeSettings = { ...ts.getDefaultFormatCodeSettings("\n"), indentSize: 2, tabSize: 2 };

/** Checks one script, whose text changes. */
export interface TypeChecker {
  problems(text: string): TypeProblem[];
  /** What can stand at an offset. */
  completions(text: string, at: number): Completion[];
  /** About one of the completions there. */
  describe(text: string, at: number, name: string): TypeFacts | undefined;
  /** About the name at an offset. */
  hover(text: string, at: number): (TypeFacts & { from: number; to: number }) | undefined;
  /** What indents the text and sets its spaces; line breaks stay. */
  format(text: string): TextChange[];
}

/** TypeScript's language service on files in memory; it does not read others. */
export function createTypeChecker({ files, imports }: ScriptTypes): TypeChecker {
  let script = "";
  let version = 0;
  const read = (name: string) => (name === SCRIPT ? script : files[name]);
  const fileOf = (specifier: string, from: string) =>
    from === SCRIPT ? (specifier === "orbweaver" ? API_FILE : undefined) : imports[from]?.[specifier];
  const service = ts.createLanguageService({
    getCompilationSettings: () => COMPILER_OPTIONS,
    getScriptFileNames: () => [SCRIPT, GLOBALS_FILE],
    getScriptVersion: (name) => (name === SCRIPT ? String(version) : "0"),
    getScriptSnapshot: (name) => {
      const text = read(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => "/",
    getDefaultLibFileName: () => `${LIB_FOLDER}/lib.esnext.d.ts`,
    fileExists: (name) => read(name) !== undefined,
    readFile: read,
    resolveModuleNameLiterals: (specifiers, from) => specifiers.map(({ text }) => ({ resolvedModule: resolved(fileOf(text, from)) })),
  });
  const update = (text: string) => {
    if (text === script) return;
    script = text;
    version += 1;
  };
  return {
    problems(text) {
      update(text);
      const found = [...service.getSyntacticDiagnostics(SCRIPT), ...service.getSemanticDiagnostics(SCRIPT)];
      const shown = found.filter(({ code }) => !IGNORED_CODES.has(code)).slice(0, MAX_PROBLEMS);
      return shown.map(({ start = 0, length = 0, messageText }) => ({
        from: start,
        to: start + length,
        message: ts.flattenDiagnosticMessageText(messageText, "\n"),
      }));
    },
    completions(text, at) {
      update(text);
      const { entries = [] } = service.getCompletionsAtPosition(SCRIPT, at, {}) ?? {};
      return entries.map(({ name, kind, sortText }) => ({ name, kind, sortText }));
    },
    describe(text, at, name) {
      update(text);
      const details = service.getCompletionEntryDetails(SCRIPT, at, name, undefined, undefined, undefined, undefined);
      return details && factsOf(details);
    },
    hover(text, at) {
      update(text);
      const info = service.getQuickInfoAtPosition(SCRIPT, at);
      return info && { ...factsOf(info), from: info.textSpan.start, to: info.textSpan.start + info.textSpan.length };
    },
    format(text) {
      update(text);
      const edits = service.getFormattingEditsForDocument(SCRIPT, FORMAT);
      return edits.map(({ span: { start, length }, newText }) => ({ from: start, to: start + length, insert: newText }));
    },
  };
}

function resolved(name: string | undefined): ts.ResolvedModuleFull | undefined {
  if (name === undefined) return undefined;
  return { resolvedFileName: name, extension: name.endsWith(".d.ts") ? ts.Extension.Dts : ts.Extension.Ts };
}

const factsOf = ({ displayParts, documentation }: Pick<ts.QuickInfo, "displayParts" | "documentation">): TypeFacts => ({
  type: ts.displayPartsToString(displayParts),
  documentation: ts.displayPartsToString(documentation),
});
