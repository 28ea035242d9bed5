import assert from "node:assert/strict";
import { test } from "node:test";
import { edgeSourcesOf } from "../../../../stacks/render/balancer.ts";

test("a balancer trusts the mesh addresses of edges, and its bridge's gateway only on an edge host", () => {
  const [data, plain, edge] = [
    { isEdge: false, meshIp: "10.77.0.1" },
    { isEdge: false, meshIp: "10.77.0.2" },
    { isEdge: true, meshIp: "10.77.0.3" },
  ];
  const hosts = [data, plain, edge];

  assert.deepEqual(edgeSourcesOf(plain, hosts), ["10.77.0.3"]);
  assert.deepEqual(edgeSourcesOf(edge, hosts), ["10.202.0.0/24", "10.77.0.3"]);
});
