/** How many tasks a project may start now (libs/token_bucket.py). */
import { allowance, fill } from "../../../../services/scheduler/token-bucket.ts";
import { type DecisionRow, testDecisions } from "../../../fixtures/decision-table.ts";

const NOW = 1_000_000;

interface Given {
  rate: number;
  burst: number;
  /** What is in the bucket before; absent: a new bucket. */
  tokens?: number;
  /** Since it was filled last. */
  seconds?: number;
}
const rows: DecisionRow<Given, number>[] = [
  {
    name: "a new bucket",
    given: { rate: 1, burst: 3 },
    ours: 3,
    pyspider: "0",
    why: "the burst is the number of tasks at once, also at the start",
  },
  { name: "rate 1, after 2 s", given: { rate: 1, burst: 3, tokens: 0, seconds: 2 }, ours: 2, pyspider: "same" },
  { name: "never above the burst", given: { rate: 1, burst: 3, tokens: 2, seconds: 3_600 }, ours: 3, pyspider: "same" },
  { name: "rate 0.5, after 1 s", given: { rate: 0.5, burst: 3, tokens: 0, seconds: 1 }, ours: 0, pyspider: "same" },
  {
    name: "rate 0.5, after 2 s",
    given: { rate: 0.5, burst: 1, tokens: 0, seconds: 2 },
    ours: 1,
    pyspider: "0 until more than 2 s have passed",
    why: "fractions are credited, so that 0.5 is one task every 2 s",
  },
  { name: "rate 0", given: { rate: 0, burst: 3 }, ours: 0, pyspider: "same" },
  { name: "burst below 1", given: { rate: 1, burst: 0.5 }, ours: 0, pyspider: "same" },
  {
    name: "a clock that goes back by a minute",
    given: { rate: 1, burst: 3, tokens: 1, seconds: -60 },
    ours: 1,
    pyspider: "none for a minute",
    why: "a clock that is set must not stop a crawl",
  },
];

testDecisions("a token bucket", rows, ({ rate, burst, tokens, seconds = 0 }) => {
  const before = tokens === undefined ? undefined : { tokens, filledAt: NOW - seconds };
  return allowance(fill(before, { rate, burst }, NOW), { rate, burst });
});
