import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig, type Values, withWorkers } from "../../../fixtures/stack-configs.ts";

const replicasOf = (values: Values) => readConfig(values).config?.replicas;

test("a host runs one processor more than it has cores", () => {
  assert.equal(replicasOf(withWorkers(2, { memory: "8GiB", cores: 4 }))?.processor, 10);
});

test("hosts with little memory get fewer replicas by default, but at least one of each", () => {
  const least = { renderer: 2, fetcher: 2, processor: 2, "result-worker": 2, webui: 2, scheduler: 2 };

  assert.deepEqual(replicasOf(withWorkers(2, { memory: "1GiB" })), least);
});

test("many cores with little memory get fewer processors by default", () => {
  assert.deepEqual(replicasOf(withWorkers(2, { cores: 16 })), {
    renderer: 4,
    fetcher: 2,
    processor: 6,
    "result-worker": 2,
    webui: 6,
    scheduler: 2,
  });
});

test("configured replicas stay, and the defaults of the other roles are reduced", () => {
  const replicas = replicasOf({ ...withWorkers(2), replicas: { renderer: 6 } });

  assert.equal(replicas?.renderer, 6);
  assert.ok((replicas?.webui ?? 8) + (replicas?.processor ?? 4) < 12);
});

test("defaults for many hosts stay within the balancer's places and Postgres' sessions", () => {
  const replicas = replicasOf(withWorkers(20, { memory: "8GiB", cores: 4 }));

  assert.deepEqual(replicas, { renderer: 28, fetcher: 20, processor: 100, "result-worker": 18, webui: 19, scheduler: 2 });
});
