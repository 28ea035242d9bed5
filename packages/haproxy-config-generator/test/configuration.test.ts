import assert from "node:assert/strict";
import { test } from "node:test";
import { renderConfiguration } from "../src/configuration.ts";
import { RefusedModelError } from "../src/errors.ts";
import type { HaproxyModel } from "../src/model.ts";
import { fullModel, smallModel } from "./models.ts";

/** A model that its types would not let pass. */
const untyped = (change: object) => ({ ...smallModel, ...change }) as unknown as HaproxyModel;

test("a small model becomes a complete file", () => {
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

test("a frontend that names a missing backend is a type error, and is refused", () => {
  const site = { ...smallModel.frontends.site, defaultBackend: "wep" } as const;

  // @ts-expect-error there is no backend "wep"
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
      "a b": { binds: [{ address: "localhost", port: 70_000 }], defaultBackend: "web" },
      one: { binds: [{ address: "*", port: 80 }], defaultBackend: "web" },
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

const dns = { nameservers: { local: { address: "127.0.0.11", port: 53 } } };
const template = (change: object = {}) => ({
  template: { prefix: "s", slots: 2, hostName: "a", port: 1, ...change },
  serverDefaults: { resolvers: "dns" },
});
const check = { intervalMs: 300, fall: 1, rise: 1 };
const healthCheck = { method: "GET", path: "/healthz", expectStatus: 200 };

const refused: [string, object, string][] = [
  [
    "a template whose servers take the name of another",
    { servers: { s1: { address: "127.0.0.1", port: 1 } }, ...template() },
    "backends.web.template.prefix",
  ],
  ["a host name with a space", template({ hostName: "a b" }), "backends.web.template.hostName"],
  ["a reference to missing resolvers", { serverDefaults: { resolvers: "dnz" } }, "backends.web.serverDefaults.resolvers"],
  [
    "a check path with a line feed",
    { healthCheck: { ...healthCheck, path: "/\nuser root" }, serverDefaults: { check } },
    "backends.web.healthCheck.path",
  ],
  [
    "an invalid range",
    { rules: [{ do: "deny", status: 403, if: [{ source: ["10.0.0.0/33"] }] }] },
    "backends.web.rules[0].if[0].source[0]",
  ],
  [
    "a line that HAProxy would cut",
    { rules: [{ do: "deny", status: 403, if: [{ path: Array(70).fill("/x"), how: "exact" }] }] },
    "backend web",
  ],
  ["a backend without servers", { servers: undefined }, "backends.web.servers"],
  ["a backend with an empty list of servers", { servers: {} }, "backends.web.servers"],
  ["a health check that HAProxy would never run", { healthCheck }, "backends.web.healthCheck"],
  ["a health check with other server defaults alone", { healthCheck, serverDefaults: { maxConnections: 5 } }, "backends.web.healthCheck"],
  ["a template without resolvers", { ...template(), serverDefaults: { check } }, "backends.web.template"],
  ["a backend that loads the servers' state from no file", { loadServerState: true }, "backends.web.loadServerState"],
];

for (const [name, change, path] of refused) {
  test(`${name} is refused`, () => {
    const model = untyped({ resolvers: { dns }, backends: { web: { ...smallModel.backends.web, ...change } } });

    assert.throws(
      () => renderConfiguration(model),
      (error) => error instanceof RefusedModelError && error.problems.length === 1 && error.problems[0]?.path === path,
    );
  });
}

const site = smallModel.frontends.site;
const inSite = (change: object) => ({ frontends: { site: { ...site, ...change } } });
const answer = { do: "answer", status: 200, contentType: "text/plain", text: "x" };

const refusedModels: [string, object, string][] = [
  ["switching off what HAProxy can only switch on (httpLog)", inSite({ httpLog: false }), "frontends.site.httpLog"],
  ["switching off what HAProxy can only switch on (forwardedFor)", inSite({ forwardedFor: false }), "frontends.site.forwardedFor"],
  ["a model without frontends", { frontends: {} }, "frontends"],
  ["a frontend that can answer nothing but 503", { frontends: { site: { binds: site.binds } } }, "frontends.site"],
  ["a frontend that logs to no target", inSite({ log: "global" }), "frontends.site.log"],
  ["defaults that log to no target", { defaults: { ...smallModel.defaults, log: "global" } }, "defaults.log"],
  ["a format of log lines without a log", inSite({ httpLog: true }), "frontends.site.httpLog"],
  ["an inherited format of log lines without a log", { defaults: { ...smallModel.defaults, httpLog: true } }, "frontends.site.httpLog"],
  ["an answer with the status 204, which has no body", inSite({ rules: [{ ...answer, status: 204 }] }), "frontends.site.rules[0].status"],
  ["an answer with the status 304, which has no body", inSite({ rules: [{ ...answer, status: 304 }] }), "frontends.site.rules[0].status"],
  ["a rule after one that ends every request", inSite({ rules: [{ do: "deny", status: 403 }, answer] }), "frontends.site.rules[1]"],
  ["a rule after metrics for every request", inSite({ rules: [{ do: "serveMetrics" }, answer] }), "frontends.site.rules[1]"],
  [
    "a rule of a backend that no request reaches",
    { backends: { web: { ...smallModel.backends.web, rules: [answer, answer] } } },
    "backends.web.rules[1]",
  ],
  [
    "a value that ends a condition",
    inSite({ routes: [{ backend: "web", if: [{ path: ["/", "}"], how: "exact" }] }] }),
    "frontends.site.routes[0].if[0].path[1]",
  ],
  [
    "a header's value that ends a condition",
    inSite({ routes: [{ backend: "web", if: [{ header: "A", values: ["}"], how: "exact" }] }] }),
    "frontends.site.routes[0].if[0].values[0]",
  ],
  ["an address to listen on with a zone", inSite({ binds: [{ address: "fe80::1%eth0", port: 80 }] }), "frontends.site.binds[0].address"],
  [
    "a range with a zone",
    inSite({ rules: [{ do: "deny", status: 403, if: [{ source: ["fe80::1%eth0"] }] }] }),
    "frontends.site.rules[0].if[0].source[0]",
  ],
  [
    "a socket whose path is too long for the kernel",
    { global: { maxConnections: 1, statsSockets: [{ path: `/${"x".repeat(97)}`, mode: "600", level: "user" }] } },
    "global.statsSockets[0].path",
  ],
];

for (const [name, change, path] of refusedModels) {
  test(`${name} is refused`, () => {
    assert.throws(
      () => renderConfiguration(untyped(change)),
      (error) => error instanceof RefusedModelError && error.problems.length === 1 && error.problems[0]?.path === path,
    );
  });
}

test("defaults that load the servers' state from no file are refused", () => {
  const model = untyped({ defaults: { ...smallModel.defaults, loadServerState: true } });

  assert.throws(() => renderConfiguration(model), {
    problems: [{ path: "defaults.loadServerState", value: true, remedy: "set global.serverStateFile, where the state is read from" }],
  });
});

const accepted: [string, object][] = [
  ["a check of connections alone", { serverDefaults: { check } }],
  ["a health check with its times", { healthCheck, serverDefaults: { check } }],
  ["a template as the only servers", { servers: undefined, ...template() }],
  ["servers that begin without a state", { loadServerState: false }],
  [
    "a rule after one that ends some requests",
    {
      rules: [
        { do: "deny", status: 403, if: [{ method: ["TRACE"] }] },
        { do: "removeHeader", header: "A" },
      ],
    },
  ],
];

for (const [name, change] of accepted) {
  test(`${name} is accepted`, () => {
    renderConfiguration(untyped({ resolvers: { dns }, backends: { web: { ...smallModel.backends.web, ...change } } }));
  });
}

test("the servers' state is loaded from the file that is named", () => {
  const text = renderConfiguration({
    ...smallModel,
    global: { ...smallModel.global, serverStateFile: "/run/servers.state" },
    defaults: { ...smallModel.defaults, loadServerState: true },
  });

  assert.match(text, /server-state-file \/run\/servers\.state\n[\s\S]*load-server-state-from-file global/);
});
