import assert from "node:assert/strict";
import { test } from "node:test";
import { TIME_LIMITS } from "../../../services/core/protocol/time-limits.ts";
import { FLEET_TIME_LIMITS } from "../../../stacks/time-limits.ts";

const { answerMs, connectMs, edgeAnswerMs, keepAliveMs, stopGraceMs } = FLEET_TIME_LIMITS;

/** Each is larger than what it contains. */
const containments: [string, number, number][] = [
  ["a replica's answer contains connecting to it", answerMs.webui, connectMs],
  ["the web UI's answer contains a fetch and a callback", answerMs.webui, TIME_LIMITS.fetchMs + TIME_LIMITS.processMs],
  ["the renderer's answer contains a page", answerMs.renderer, TIME_LIMITS.renderMs + TIME_LIMITS.renderAnswerExtraMs],
  ["the fetcher's answer contains a task's longest flight", answerMs.fetcher, TIME_LIMITS.inFlightMs],
  ["the edge's answer contains the balancer's", edgeAnswerMs, answerMs.webui + connectMs],
  ["a replica keeps an idle connection longer than the balancer", TIME_LIMITS.keepAliveMs, keepAliveMs],
  ["the grace to stop contains the drain", stopGraceMs, TIME_LIMITS.drainMs],
];

for (const [name, outer, inner] of containments) {
  test(name, () => {
    assert.ok(outer > inner, `${outer} > ${inner}`);
  });
}
