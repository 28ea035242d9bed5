/** Loaded into the process of each test file: ends it after `TEST_FILE_LIMIT_MS`. The limit of node:test ends tests, but not a process that they keep open. */
import { isMainThread } from "node:worker_threads";

const limitMs = Number(process.env.TEST_FILE_LIMIT_MS);

async function end(): Promise<never> {
  const open = process.getActiveResourcesInfo().join(", ");
  const { say } = await import("./terminal.ts");
  say(`the test file did not end within ${limitMs / 1_000} s; it has open: ${open}`);
  process.exit(1);
}

// Threads and children of a test load this as well, some without the variable.
if (isMainThread && limitMs > 0) setTimeout(end, limitMs).unref();
