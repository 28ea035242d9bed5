/** What holds for every route, also for those that are added later: the tests walk the server's own table of routes and the OpenAPI document. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fastify, { type FastifyInstance } from "fastify";
import { CERTIFICATE_PATH, CHALLENGE_PATH } from "../../../services/core/protocol/certificate-paths.ts";
import { createMemoryQueues } from "../../../services/core/queue/memory.ts";
import { createLog } from "../../../services/core/runtime/log.ts";
import { registerWebui } from "../../../services/webui/app.ts";
import { EndedSessions } from "../../../services/webui/ended-sessions.ts";
import { LoginLimit } from "../../../services/webui/login-limit.ts";
import { API_ROOT } from "../../../services/webui/openapi.ts";
import { openTestEmbedded, type TestDatabase } from "../../fixtures/database.ts";
import { TOKEN } from "../../fixtures/webui.ts";

/** Routes that need no login. A new one is a decision: add it here with its reason. */
const OPEN = new Map([
  [`POST ${API_ROOT}/login`, "is the login"],
  [`POST ${API_ROOT}/logout`, "ends the session of its own cookie only"],
  [`GET ${API_ROOT}/session`, "says whether there is a login"],
  [`GET ${API_ROOT}/openapi.json`, "documents the API of a public project"],
  [`GET ${CHALLENGE_PATH}:token`, "is for the certificate authority"],
  [`GET ${CERTIFICATE_PATH}`, "is for edges; its key is encrypted"],
  ["GET /assets/*", "are the pages, which have no data"],
]);

interface Route {
  method: string;
  url: string;
}

interface Documented {
  paths: Record<string, Record<string, { security?: object[] }>>;
}

const queues = createMemoryQueues();
const routes: Route[] = [];
let store: TestDatabase;
let app: FastifyInstance;

before(async () => {
  store = await openTestEmbedded();
  app = fastify();
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) if (one !== "HEAD") routes.push({ method: one, url });
  });
  await registerWebui(app, {
    ...{ database: store.database, queues, log: createLog("webui", "silent") },
    settings: { host: "127.0.0.1", port: 0, adminToken: TOKEN, maxRate: 10, maxBurst: 20 },
    endedSessions: new EndedSessions(store.database),
    readCounters: async () => ({}),
    limits: { login: new LoginLimit({ closesUnderAttack: true }), header: new LoginLimit({ closesUnderAttack: false }) },
  });
});
after(async () => {
  await app.close();
  await queues.close();
  await store[Symbol.asyncDispose]();
});

const nameOf = ({ method, url }: Route) => `${method} ${url}`;
const ask = (route: Route, method: string, headers: Record<string, string>) =>
  app.inject({
    method: method as "GET",
    url: route.url.replace(/:\w+/g, "a").replace("*", "a"),
    headers: { host: "127.0.0.1", ...headers },
  });

test("every route but those of a short list refuses requests without a login, and with a wrong one", async () => {
  const closed = routes.filter((route) => !OPEN.has(nameOf(route)));

  const answers = await Promise.all(
    closed.map(async (route) => [
      nameOf(route),
      (await ask(route, route.method, {})).statusCode,
      (await ask(route, route.method, { cookie: "orb_session=forged; __Host-orb_session=forged" })).statusCode,
    ]),
  );
  const heads = closed.filter(({ method }) => method === "GET").map(async (route) => (await ask(route, "HEAD", {})).statusCode);

  assert.ok(closed.length > 15, String(closed.length));
  for (const [name, without, forged] of answers) assert.deepEqual([name, without, forged], [name, 401, 401]);
  assert.deepEqual(new Set(await Promise.all(heads)), new Set([401]));
});

test("the list has no route that does not exist", () => {
  const existing = new Set(routes.map(nameOf));

  assert.deepEqual(
    [...OPEN.keys()].filter((name) => !existing.has(name)),
    [],
  );
});

test("the OpenAPI document has every route of the API, and says of each whether it needs a login", async () => {
  const { paths } = (await ask({ method: "GET", url: `${API_ROOT}/openapi.json` }, "GET", {})).json<Documented>();
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      name: `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`,
      isOpen: security?.length === 0,
    })),
  );
  const ofApi = routes.map(nameOf).filter((name) => name.includes(` ${API_ROOT}/`) && !name.endsWith("/openapi.json"));

  assert.deepEqual(documented.map(({ name }) => name).toSorted(), ofApi.toSorted());
  for (const { name, isOpen } of documented) assert.equal(isOpen, OPEN.has(name), name);
});
