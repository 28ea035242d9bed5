import type { Fault } from "./fault.ts";

const unit = (name: string) => `test/unit/fetcher/${name}.test.ts`;

export const FETCHER_FAULTS: readonly Fault[] = [
  {
    name: "fetcher/body-budget-never-released",
    file: "services/fetcher/run.ts",
    text: "  batcher.onEnd(lease, () => budgetLease.release());\n",
    replacement: "",
    tests: [unit("run")],
  },
  {
    name: "fetcher/crawl-delay-of-the-last-site",
    file: "services/fetcher/robots-gate.ts",
    text: "if (this.#isFirst) this.crawlDelaySeconds",
    replacement: "this.crawlDelaySeconds",
    tests: ["test/integration/fetcher/robots.test.ts"],
  },
  {
    name: "fetcher/credentials-go-to-another-site",
    file: "services/fetcher/redirect.ts",
    text: "...(url.origin === hop.url.origin ? [] : CREDENTIALS), ",
    replacement: "",
    tests: [unit("redirect")],
  },
  {
    name: "fetcher/head-turns-into-get",
    file: "services/fetcher/redirect.ts",
    text: 'statusCode === 303 ? hop.method !== "HEAD"',
    replacement: "statusCode === 303 ? true",
    tests: [unit("redirect")],
  },
  {
    name: "fetcher/cookies-without-end",
    file: "services/fetcher/chain-cookies.ts",
    text: "this.#setCount > MAX_SET || ",
    replacement: "",
    tests: [unit("chain-cookies")],
  },
  {
    name: "fetcher/cookies-leave-tls",
    file: "services/fetcher/chain-cookies.ts",
    text: 'secure: url.protocol === "https:"',
    replacement: "secure: false",
    tests: [unit("chain-cookies")],
  },
  {
    name: "fetcher/decoded-body-above-its-limit",
    file: "services/fetcher/decode-body.ts",
    text: "return decoded.body.length > limitBytes ? TOO_LARGE : decoded;",
    replacement: "return decoded;",
    tests: [unit("decode-body")],
  },
  {
    name: "fetcher/validators-that-were-not-wanted",
    file: "services/fetcher/headers.ts",
    text: "  if (wanted === false) return undefined;\n",
    replacement: "",
    tests: [unit("headers")],
  },
  {
    name: "fetcher/hop-by-hop-headers-are-sent",
    file: "services/fetcher/headers.ts",
    text: "new Set([...HOP_BY_HOP, ",
    replacement: "new Set([",
    tests: [unit("headers")],
  },
  {
    name: "fetcher/first-leader-leads-for-ever",
    file: "services/fetcher/body-budget.ts",
    text: "    if (this.#leader === budgetLease) this.#leader = undefined;\n",
    replacement: "",
    tests: [unit("body-budget")],
  },
  {
    name: "fetcher/unreadable-robots-txt-is-tried-again-too-late",
    file: "services/fetcher/robots-cache.ts",
    text: "this.#clock() + STALE_MS",
    replacement: "this.#clock() + FRESH_MS",
    tests: [unit("robots-cache")],
  },
  {
    name: "fetcher/first-robots-rule-wins",
    file: "services/fetcher/robots-rules.ts",
    text: "b.length - a.length || ",
    replacement: "",
    tests: [unit("robots-rules")],
  },
];
