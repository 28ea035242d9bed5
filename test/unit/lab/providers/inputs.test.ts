import assert from "node:assert/strict";
import { test } from "node:test";
import { containerSpec } from "../../../../lab/providers/docker/container-spec.ts";
import { SERVICE_SHAPE, serviceSpec } from "../../../../lab/providers/docker/service-spec.ts";
import { differenceOf } from "../../../../lab/providers/protocol/changes.ts";
import { unknownInputs } from "../../../../lab/providers/protocol/kind.ts";

test("an input that a stand-in does not support is reported by its path", () => {
  const inputs = {
    name: "web",
    taskSpec: { containerSpec: { image: "i", dir: "/srv", mounts: [{ type: "tmpfs", propagation: "x" }] }, runtime: "y" },
  };

  assert.deepEqual(unknownInputs(inputs, SERVICE_SHAPE), [
    "taskSpec.containerSpec.dir",
    "taskSpec.containerSpec.mounts[0].propagation",
    "taskSpec.runtime",
  ]);
});

test("a change is a replacement, an update or nothing, as defined for its kind", () => {
  const kind = { updatable: ["memory"], replacing: [] };

  const same = differenceOf(kind, { image: "a", memory: 1, __defaults: [] }, { image: "a", memory: 1, __defaults: ["name"] });
  const memory = differenceOf(kind, { image: "a", memory: 1 }, { image: "a", memory: 2 });
  const image = differenceOf(kind, { image: "a", memory: 1 }, { image: "b", memory: 1 });

  assert.deepEqual(same, { changed: [], replaces: [] });
  assert.deepEqual(memory, { changed: ["memory"], replaces: [] });
  assert.deepEqual(image, { changed: ["image"], replaces: ["image"] });
});

test("a service is sent completely: missing inputs get their defaults", () => {
  const spec = serviceSpec({ name: "web", mode: { replicated: { replicas: 3 } }, taskSpec: { containerSpec: { image: "i@sha256:0" } } });

  assert.equal(spec.TaskTemplate.ForceUpdate, 0);
  assert.deepEqual(spec.Mode, { Replicated: { Replicas: 3 } });
  assert.equal(spec.UpdateConfig.Order, "stop-first");
});

test("memory is sent in MiB, and ports with their address", () => {
  const spec = containerSpec({ image: "i", memory: 64, memorySwap: 64, ports: [{ ip: "10.77.0.1", external: 5000, internal: 80 }] });

  assert.equal(spec.HostConfig.Memory, 67_108_864);
  assert.equal(spec.HostConfig.MemorySwap, 67_108_864);
  assert.deepEqual(spec.HostConfig.PortBindings, { "80/tcp": [{ HostIp: "10.77.0.1", HostPort: "5000" }] });
});
