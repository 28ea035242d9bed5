import typesUrl from "virtual:script-types";
import type { Question } from "./question.ts";
import type { TypeChecker } from "./type-checker.ts";

interface Answer {
  id: number;
  answer?: unknown;
  failure?: string;
}

const open = new Map<number, (answer: Answer) => void>();
let worker: Worker | undefined;
let lastId = 0;

/** Asks the checker, in a worker that starts with the first question. Undefined if it failed: an editor without types is still one. */
export function askTypes<M extends keyof TypeChecker>(
  method: M,
  ...parameters: Parameters<TypeChecker[M]>
): Promise<ReturnType<TypeChecker[M]> | undefined> {
  worker ??= startWorker();
  const id = ++lastId;
  worker.postMessage({ id, method, parameters } satisfies Question);
  return new Promise((resolve) => {
    open.set(id, ({ answer }) => resolve(answer as ReturnType<TypeChecker[M]> | undefined));
  });
}

function startWorker(): Worker {
  const started = new Worker(new URL("./types-worker.ts", import.meta.url), { type: "module" });
  started.addEventListener("message", ({ data }: MessageEvent<Answer>) => settle(data));
  started.addEventListener("error", () => {
    for (const id of open.keys()) settle({ id });
  });
  started.postMessage(new URL(typesUrl, window.location.href).href);
  return started;
}

function settle(answer: Answer): void {
  if (answer.failure) console.warn("The types of the script could not be checked:", answer.failure);
  open.get(answer.id)?.(answer);
  open.delete(answer.id);
}
