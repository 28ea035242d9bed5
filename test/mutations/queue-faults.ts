import type { Fault } from "./fault.ts";

const LEASE_BATCHER = "services/core/queue/lease-batcher.ts";
const LEASE_BATCHER_TEST = "test/unit/core/queue/lease-batcher.test.ts";

export const QUEUE_FAULTS: readonly Fault[] = [
  {
    name: "queue/message-bytes-never-released",
    file: LEASE_BATCHER,
    text: "      this.#messageBytes -= this.#bytesOf(lease.message);\n",
    replacement: "",
    tests: [LEASE_BATCHER_TEST],
  },
  {
    name: "queue/output-bytes-never-released",
    file: LEASE_BATCHER,
    text: "    this.#outputBytes -= bytes;\n",
    replacement: "",
    tests: [LEASE_BATCHER_TEST],
  },
  {
    name: "queue/lease-ends-before-its-output-is-accepted",
    file: LEASE_BATCHER,
    text: "await this.#repeat(() => this.#options.queues.complete(batch)",
    replacement: "void this.#repeat(() => this.#options.queues.complete(batch)",
    tests: [LEASE_BATCHER_TEST],
  },
  {
    name: "queue/batches-of-any-size",
    file: LEASE_BATCHER,
    text: "      if (count > 0 && bytes > MAX_BATCH_BYTES) break;\n",
    replacement: "",
    tests: [LEASE_BATCHER_TEST],
  },
  {
    name: "queue/full-queue-server-ends-the-role",
    file: LEASE_BATCHER,
    text: "error instanceof CrawlerError && error.retryable",
    replacement: "false",
    tests: [LEASE_BATCHER_TEST],
  },
  {
    name: "queue/late-messages-wait-for-the-drain-limit",
    file: LEASE_BATCHER,
    text: "      if (signal.aborted) return await this.release(leases);\n",
    replacement: "",
    tests: [LEASE_BATCHER_TEST],
  },
  {
    name: "queue/failed-role-leases-more",
    file: LEASE_BATCHER,
    text: "    this.#failure.reject(error);\n    this.#stop.abort();\n",
    replacement: "    this.#failure.reject(error);\n",
    tests: [LEASE_BATCHER_TEST],
  },
  {
    name: "queue/end-of-a-lease-is-not-reported",
    file: LEASE_BATCHER,
    text: "      onEnd?.();\n",
    replacement: "",
    tests: [LEASE_BATCHER_TEST],
  },
];
