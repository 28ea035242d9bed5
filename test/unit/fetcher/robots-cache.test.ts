import assert from "node:assert/strict";
import { test } from "node:test";
import { RobotsCache } from "../../../services/fetcher/robots-cache.ts";
import { NO_RULES, parseRobots } from "../../../services/fetcher/robots-rules.ts";

const HOUR_MS = 3_600_000;

function startCache() {
  const time = { ms: 0 };
  return { time, cache: new RobotsCache(() => time.ms) };
}

test("simultaneous pages share one request", async () => {
  const { cache } = startCache();
  let reads = 0;
  const read = async () => {
    reads++;
    return NO_RULES;
  };

  await Promise.all([cache.load("a", read), cache.load("a", read), cache.load("b", read)]);

  assert.equal(reads, 2);
  assert.equal(cache.known("a"), NO_RULES);
});

test("rules are cached for an hour", async () => {
  const { cache, time } = startCache();
  await cache.load("a", async () => NO_RULES);

  time.ms = HOUR_MS - 1;
  const before = cache.known("a");
  time.ms = HOUR_MS;

  assert.deepEqual([before, cache.known("a")], [NO_RULES, undefined]);
});

test("a failure is cached for a second", async () => {
  const { cache, time } = startCache();
  await assert.rejects(
    cache.load("a", () => Promise.reject(new Error("down"))),
    /down/,
  );

  assert.throws(() => cache.known("a"), /down/);
  time.ms = 1_000;

  assert.equal(cache.known("a"), undefined);
});

test("expired rules stay valid when they cannot be loaded again", async () => {
  const { cache, time } = startCache();
  const rules = parseRobots("User-agent: *\nDisallow: /");
  await cache.load("a", async () => rules);
  time.ms = HOUR_MS;

  const again = await cache.load("a", () => Promise.reject(new Error("down")));

  assert.deepEqual([again, cache.known("a")], [rules, rules]);
});

test("after a failed reload, rules are loaded again after a minute", async () => {
  const { cache, time } = startCache();
  const [old, recent] = [parseRobots("User-agent: *\nDisallow: /"), NO_RULES];
  await cache.load("a", async () => old);
  time.ms = HOUR_MS;
  await cache.load("a", () => Promise.reject(new Error("down")));

  time.ms += 59_999;
  const before = cache.known("a");
  time.ms += 1;
  const after = cache.known("a");
  await cache.load("a", async () => recent);

  assert.deepEqual([before, after, cache.known("a")], [old, undefined, recent]);
});

test("the oldest entry is evicted when the texts exceed the size limit", async () => {
  const { cache } = startCache();
  const large = parseRobots(`User-agent: *\n${"Disallow: /a\n".repeat(40_000)}`);

  for (const key of ["a", "b", "c"]) await cache.load(key, async () => large);

  assert.deepEqual([cache.known("a"), cache.known("b"), cache.known("c")], [undefined, large, large]);
});

test("failures with very long names do not accumulate", async () => {
  const { cache } = startCache();
  const keys = Array.from({ length: 1_000 }, (_, n) => `${n}${"x".repeat(8_000)}`);
  for (const key of keys) await cache.load(key, () => Promise.reject(new Error("gone"))).catch(() => {});

  const kept = keys.filter((key) => {
    try {
      return cache.known(key) !== undefined;
    } catch {
      return true;
    }
  });

  assert.ok(kept.length < 50, String(kept.length));
});
