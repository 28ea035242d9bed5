import assert from "node:assert/strict";
import { test } from "node:test";
import { renderConfiguration } from "../../../../stacks/haproxy/configuration.ts";
import { RefusedModelError } from "../../../../stacks/haproxy/errors.ts";
import type { HaproxyModel } from "../../../../stacks/haproxy/model.ts";
import { fullModel, smallModel } from "./models.ts";

/** A model that its types would not let pass. */
const untyped = (change: object) => ({ ...smallModel, ...change }) as unknown as HaproxyModel;

test("a small model gives the whole file", () => {
  const text = renderConfiguration(smallModel);

  assert.equal(
    text,
    `global
    maxconn 100

defaults
    mode http
    timeout connect 500ms
    timeout client 5000ms
    timeout server 5000ms

frontend site
    bind 127.0.0.1:8080
    default_backend web

backend web
    balance roundrobin
    server one 127.0.0.2:80
`,
  );
});

test("the order of sections and servers in the model does not matter", () => {
  const reversed = (thing: object) => Object.fromEntries(Object.entries(thing).reverse());
  const api = fullModel.backends.api;

  const text = renderConfiguration({
    ...fullModel,
    backends: { api: { ...api, servers: reversed(api.servers ?? {}) }, web: fullModel.backends.web } as typeof fullModel.backends,
  });

  assert.equal(text, renderConfiguration(fullModel));
});

test("conditions are written out: all of, any of, not", () => {
  const text = renderConfiguration(fullModel);

  assert.match(
    text,
    /use_backend api if \{ path -m beg -- \/api\/ -f \} \{ method -- GET HEAD \} or \{ req\.hdr\(Host\) -i -m str -- api\.example\.org \} or \{ nbsrv\(web\) lt 1 \}/,
  );
  assert.match(text, /http-request disable-l7-retry if !\{ method -- GET HEAD \}/);
});

test("a backend that is not there is no model", () => {
  const site = { ...smallModel.frontends.site, defaultBackend: "wep" } as const;

  // @ts-expect-error "wep" is none of the backends
  const render = () => renderConfiguration({ ...smallModel, frontends: { site } });

  assert.throws(render, {
    problems: [{ path: "frontends.site.defaultBackend", value: "wep", remedy: "write one of web" }],
  });
});

test("every problem is reported at once, with its path, value and remedy", () => {
  const model = untyped({
    global: { maxConnections: 0, serverStateFile: "relative" },
    defaults: { timeouts: { connectMs: 0, clientMs: 1.5, serverMs: 2 ** 31 } },
    frontends: {
      "a b": { binds: [{ address: "localhost", port: 70_000 }] },
      one: { binds: [{ address: "*", port: 80 }] },
      two: { binds: [{ address: "127.0.0.1", port: 80 }], rules: [{ do: "setHeader", header: "X Y", value: "a\nb" }] },
    },
  });

  assert.throws(
    () => renderConfiguration(model),
    (error) => {
      assert.ok(error instanceof RefusedModelError);
      assert.deepEqual(error.problems.map(({ path }) => path).sort(), [
        "defaults.timeouts.clientMs",
        "defaults.timeouts.connectMs",
        "defaults.timeouts.serverMs",
        "frontends.a b",
        "frontends.a b.binds[0].address",
        "frontends.a b.binds[0].port",
        "frontends.two.binds[0]",
        "frontends.two.rules[0].header",
        "frontends.two.rules[0].value",
        "global.maxConnections",
        "global.serverStateFile",
      ]);
      assert.match(error.message, /defaults\.timeouts\.clientMs = 1\.5: write a whole number from 1 to 2147483647/);
      return true;
    },
  );
});

const refused: [string, object, string][] = [
  [
    "a template whose servers take the name of another",
    { servers: { s1: { address: "127.0.0.1", port: 1 } }, template: { prefix: "s", slots: 2, hostName: "a", port: 1 } },
    "backends.web.template.prefix",
  ],
  ["a host name with a space", { template: { prefix: "s", slots: 2, hostName: "a b", port: 1 } }, "backends.web.template.hostName"],
  ["resolvers that are not there", { serverDefaults: { resolvers: "dns" } }, "backends.web.serverDefaults.resolvers"],
  [
    "a check path with a line feed",
    { healthCheck: { method: "GET", path: "/\nuser root", expectStatus: 200 } },
    "backends.web.healthCheck.path",
  ],
  [
    "a range that is none",
    { rules: [{ do: "deny", status: 403, if: [{ source: ["10.0.0.0/33"] }] }] },
    "backends.web.rules[0].if[0].source[0]",
  ],
  [
    "a line that HAProxy would cut",
    { rules: [{ do: "deny", status: 403, if: [{ path: Array(70).fill("/x"), how: "exact" }] }] },
    "backend web",
  ],
];

for (const [name, change, path] of refused) {
  test(`${name} is refused`, () => {
    const model = untyped({ backends: { web: { ...smallModel.backends.web, ...change } } });

    assert.throws(
      () => renderConfiguration(model),
      (error) => error instanceof RefusedModelError && error.problems.length === 1 && error.problems[0]?.path === path,
    );
  });
}
