import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { openTestEmbedded, type TestDatabase } from "../../fixtures/database.ts";
import { SCRIPT, startTestWebui, TOKEN } from "../../fixtures/webui.ts";

let store: TestDatabase;

before(async () => {
  store = await openTestEmbedded();
});
after(() => store[Symbol.asyncDispose]());

const logIn = (token: string) => ({ body: JSON.stringify({ token }), headers: { "content-type": "application/json" } });
const cookieOf = (headers: Headers) => headers.getSetCookie()[0]?.split(";")[0] ?? "";
const putInit = (headers: Record<string, string>) => ({
  body: JSON.stringify({ script: SCRIPT }),
  headers: { "content-type": "application/json", ...headers },
});

test("nothing is shown or changed without a login", async () => {
  await using webui = await startTestWebui(store.database);

  const answers = await Promise.all([
    webui.anonymous("GET", "/projects"),
    webui.anonymous("PUT", "/projects/books", putInit({})),
    webui.anonymous("GET", "/projects", { headers: { authorization: "Bearer wrong" } }),
    webui.anonymous("GET", "/projects", { headers: { cookie: "orb_session=9999999999.forged" } }),
  ]);

  assert.deepEqual(
    answers.map(({ status, json }) => `${status} ${json.error.code}`),
    Array(4).fill("401 E_UNAUTHORIZED"),
  );
});

test("the token opens a session that any replica with the same token accepts, and logging out forgets it", async () => {
  await using first = await startTestWebui(store.database);
  await using second = await startTestWebui(store.database);
  await using stranger = await startTestWebui(store.database, { adminToken: "another-token-0123456789" });

  const login = await first.anonymous("POST", "/login", logIn(TOKEN));
  const cookie = cookieOf(login.headers);
  const logout = await first.anonymous("POST", "/logout", { headers: { cookie, "sec-fetch-site": "same-origin" } });

  assert.equal(login.status, 200);
  assert.match(login.headers.getSetCookie()[0] ?? "", /HttpOnly.*SameSite=Strict/);
  const statuses = await Promise.all(
    [first, second, stranger].map((webui) => webui.anonymous("GET", "/projects", { headers: { cookie } })),
  );
  assert.deepEqual(
    statuses.map(({ status }) => status),
    [200, 200, 401],
  );
  assert.match(logout.headers.getSetCookie()[0] ?? "", /orb_session=;.*Expires=Thu, 01 Jan 1970/);
});

test("with a session, only the site's own pages may change something", async () => {
  await using webui = await startTestWebui(store.database);
  const cookie = cookieOf((await webui.anonymous("POST", "/login", logIn(TOKEN))).headers);
  const put = (headers: Record<string, string>) => webui.anonymous("PUT", "/projects/books", putInit({ cookie, ...headers }));

  const answers = await Promise.all([
    put({ "sec-fetch-site": "cross-site" }),
    put({ "sec-fetch-site": "same-site" }),
    put({ origin: "http://evil.test" }),
    put({}),
    put({ "sec-fetch-site": "same-origin" }),
    put({ origin: webui.url }),
  ]);

  assert.deepEqual(answers.map(({ status }) => status).slice(0, 4), [403, 403, 403, 403]);
  assert.ok(answers.slice(4).every(({ status }) => status === 200 || status === 201));
});

test("a login from another site's page is refused, right token or not", async () => {
  await using webui = await startTestWebui(store.database);
  const init = logIn(TOKEN);

  const answer = await webui.anonymous("POST", "/login", { ...init, headers: { ...init.headers, origin: "http://evil.test" } });

  assert.equal(answer.json.error.code, "E_CROSS_ORIGIN");
});

test("after ten wrong tokens even the right one has to wait", async () => {
  await using webui = await startTestWebui(store.database);

  const wrong = [];
  for (let count = 0; count < 10; count++) wrong.push((await webui.anonymous("POST", "/login", logIn(`guess ${count}`))).status);
  const right = await webui.anonymous("POST", "/login", logIn(TOKEN));

  assert.deepEqual(wrong, Array(10).fill(401));
  assert.equal(right.json.error.code, "E_TOO_MANY_LOGINS");
  assert.equal((await webui.request("GET", "/projects")).status, 200);
});

test("on loopback, a foreign name that points here is refused, even with the token", async () => {
  await using webui = await startTestWebui(store.database);
  const statusFor = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { host, authorization: `Bearer ${TOKEN}` };
      request(`${webui.url}/api/v1/projects`, { headers }, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });

  const statuses = await Promise.all(["evil.test", `localhost:${webui.port}`, `127.0.0.1:${webui.port}`, "[::1]:80"].map(statusFor));

  assert.deepEqual(statuses, [421, 200, 200, 200]);
});

test("ten wrong tokens a minute are enough, in a header as in the login", async () => {
  await using webui = await startTestWebui(store.database);
  const ask = async (token: string) => {
    const answer = await fetch(`${webui.url}/api/v1/projects`, { headers: { authorization: `Bearer ${token}` } });
    return answer.status;
  };

  const statuses = [];
  for (let n = 0; n < 20; n++) assert.equal(await ask("an-old-token"), 401);
  for (let n = 0; n < 10; n++) statuses.push(await ask(`guess-${n}`));

  assert.deepEqual(statuses, [...Array(9).fill(401), 429], "the old one counts once");
  assert.equal(await ask(TOKEN), 429);
});

test("every answer carries the headers that keep other sites and scripts out", async () => {
  await using webui = await startTestWebui(store.database);

  const answers = await Promise.all([fetch(webui.url), fetch(`${webui.url}/api/v1/projects`), fetch(`${webui.url}/api/v1/none`)]);

  for (const { headers } of answers) {
    assert.match(headers.get("content-security-policy") ?? "", /script-src 'self';.*frame-ancestors 'none'/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
  }
  assert.equal(answers[1]?.headers.get("cache-control"), "no-store");
});

test("a balancer's word on who asks counts only if it is a trusted one", async () => {
  await using trusting = await startTestWebui(store.database, { trustedProxies: ["127.0.0.0/8"] });
  await using wary = await startTestWebui(store.database);
  const tryFrom = async (webui: typeof wary, client: string, token: string) => {
    const { body, headers } = logIn(token);
    return (await webui.anonymous("POST", "/login", { body, headers: { ...headers, "x-forwarded-for": client } })).status;
  };

  for (const webui of [trusting, wary]) for (let tries = 0; tries < 10; tries++) await tryFrom(webui, "203.0.113.7", `wrong ${tries}`);

  assert.equal(await tryFrom(trusting, "203.0.113.7", TOKEN), 429);
  assert.equal(await tryFrom(trusting, "203.0.113.8", TOKEN), 200);
  assert.equal(await tryFrom(wary, "203.0.113.8", TOKEN), 429);
});
