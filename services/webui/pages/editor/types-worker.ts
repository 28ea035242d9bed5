/** The worker that checks types: the first message is the address of the types, each further one a question. */
import type { Question } from "./question.ts";
import type { ScriptTypes } from "./script-types.ts";
import { createTypeChecker, type TypeChecker } from "./type-checker.ts";

let checker: Promise<TypeChecker> | undefined;

async function loadChecker(address: string): Promise<TypeChecker> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the types answered with status ${answer.status}`);
  return createTypeChecker((await answer.json()) as ScriptTypes);
}

self.addEventListener("message", async ({ data }: MessageEvent<string | Question>) => {
  if (typeof data === "string") {
    checker = loadChecker(data);
    // Each question reports it.
    checker.catch(() => {});
    return;
  }
  const { id, method, parameters } = data;
  try {
    const ask = (await checker)?.[method] as ((...values: unknown[]) => unknown) | undefined;
    self.postMessage({ id, answer: ask?.(...parameters) });
  } catch (error) {
    self.postMessage({ id, failure: String(error) });
  }
});
