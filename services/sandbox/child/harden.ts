/**
 * The second wall: removes from the outer realm what could do harm, in case a script reaches it.
 *
 * Node's permission model (the third wall) does not cover signals, priorities and the environment of the same user.
 */

/** The harmless part of the language, and Buffer, which is needed to read frames. */
const KEPT_GLOBALS = new Set([
  ...[
    "Object",
    "Function",
    "Array",
    "Number",
    "parseFloat",
    "parseInt",
    "Infinity",
    "NaN",
    "undefined",
    "Boolean",
    "String",
    "Symbol",
    "Date",
  ],
  ...["Promise", "RegExp", "Error", "AggregateError", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"],
  ...[
    "globalThis",
    "JSON",
    "Math",
    "ArrayBuffer",
    "Uint8Array",
    "Map",
    "BigInt",
    "Set",
    "WeakMap",
    "WeakSet",
    "Proxy",
    "Reflect",
    "Buffer",
  ],
]);

/** Only what ends the process and what Node itself calls through the object stays. */
const KEPT_OF_PROCESS = new Set([
  "exit",
  "reallyExit",
  "emit",
  "nextTick",
  "_tickCallback",
  "exitCode",
  "_exiting",
  "on",
  "listenerCount",
  "domain",
  "emitWarning",
  "versions",
  "version",
]);

/** @param modules built-in modules that are no longer needed. */
export function harden(process: NodeJS.Process, modules: object[]): void {
  for (const name of Reflect.ownKeys(globalThis)) if (!KEPT_GLOBALS.has(String(name))) Reflect.deleteProperty(globalThis, name);
  const targets: [object, Set<string>][] = [
    [process, KEPT_OF_PROCESS],
    ...modules.map((module): [object, Set<string>] => [module, new Set()]),
  ];
  for (const [target, kept] of targets) {
    for (const name of Reflect.ownKeys(target)) if (!kept.has(String(name))) Reflect.deleteProperty(target, name);
  }
}
