import { createMemoryQueues } from "../../services/core/queue/memory.ts";
import { testQueues } from "./queue-contract.ts";

testQueues(async () => {
  const queues = createMemoryQueues();
  return { queues, [Symbol.asyncDispose]: () => queues.close() };
});
