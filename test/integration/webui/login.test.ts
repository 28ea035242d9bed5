import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { openTestEmbedded, type TestDatabase } from "../../fixtures/database.ts";
import { until } from "../../fixtures/until.ts";
import { SCRIPT, startTestWebui, TOKEN } from "../../fixtures/webui.ts";

type TestWebui = Awaited<ReturnType<typeof startTestWebui>>;

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

test("without a login no data can be read or changed", async () => {
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

const sessionOf = (cookie: string) => ({ headers: { cookie, "sec-fetch-site": "same-origin" } });
const openSession = async (webui: TestWebui) => cookieOf((await webui.anonymous("POST", "/login", logIn(TOKEN))).headers);
const statusWith = async (webui: TestWebui, cookie: string) => (await webui.anonymous("GET", "/projects", sessionOf(cookie))).status;

test("the token opens a session that any replica with the same token accepts", async () => {
  await using first = await startTestWebui(store.database);
  await using second = await startTestWebui(store.database);
  await using stranger = await startTestWebui(store.database, { adminToken: "another-token-0123456789" });

  const login = await first.anonymous("POST", "/login", logIn(TOKEN));

  assert.match(login.headers.getSetCookie()[0] ?? "", /^orb_session=.*Path=\/; HttpOnly; SameSite=Strict$/);
  const statuses = await Promise.all([first, second, stranger].map((webui) => statusWith(webui, cookieOf(login.headers))));
  assert.deepEqual(statuses, [200, 200, 401]);
});

test("logging out ends only that session, on every replica within 5 s", async () => {
  await using first = await startTestWebui(store.database);
  await using second = await startTestWebui(store.database);
  const [ended, other] = [await openSession(first), await openSession(first)];
  assert.deepEqual(await Promise.all([ended, other].map((cookie) => statusWith(second, cookie))), [200, 200]);

  const began = Date.now();
  const logout = await first.anonymous("POST", "/logout", sessionOf(ended));

  assert.match(logout.headers.getSetCookie()[0] ?? "", /orb_session=;.*Expires=Thu, 01 Jan 1970/);
  assert.equal(await statusWith(first, ended), 401);
  await until("the other replica refuses it", async () => (await statusWith(second, ended)) === 401);
  assert.ok(Date.now() - began < 5_000);
  assert.deepEqual(await Promise.all([first, second].map((webui) => statusWith(webui, other))), [200, 200]);
  assert.deepEqual((await second.anonymous("GET", "/session", sessionOf(ended))).json, { isLoggedIn: false });
});

test("logging out everywhere ends every existing session, and the token opens new ones", async () => {
  await using first = await startTestWebui(store.database);
  await using second = await startTestWebui(store.database);
  const sessions = [await openSession(first), await openSession(second)];

  const foreign = await first.anonymous("POST", "/logout-everywhere", {
    headers: { cookie: sessions[0] ?? "", "sec-fetch-site": "cross-site" },
  });
  const anonymous = await first.anonymous("POST", "/logout-everywhere");
  const answer = await first.anonymous("POST", "/logout-everywhere", sessionOf(sessions[0] ?? ""));
  await until("the other replica refuses both", async () =>
    (await Promise.all(sessions.map((cookie) => statusWith(second, cookie)))).every((status) => status === 401),
  );

  assert.deepEqual([foreign.status, anonymous.status, answer.status], [403, 401, 200]);
  assert.equal(await statusWith(second, await openSession(first)), 200);
  assert.equal((await second.request("POST", "/logout-everywhere")).status, 200);
});

test("ended sessions are removed after they have expired", async () => {
  await using webui = await startTestWebui(store.database);
  await store.database.query("insert into ended_sessions values ('old', $1), ('new', $2)", [Date.now() - 43_201_000, Date.now()]);

  await webui.anonymous("POST", "/logout", sessionOf(await openSession(webui)));

  const rows = await store.database.query<{ session: string }>("select session from ended_sessions where session in ('old', 'new')");
  assert.deepEqual(rows, [{ session: "new" }]);
});

test("when a trusted proxy reports HTTPS, the cookie is Secure and bound to the host, and no other cookie is accepted", async () => {
  await using webui = await startTestWebui(store.database, { trustedProxies: ["127.0.0.0/8"] });
  const https = { "x-forwarded-proto": "https" };
  const { body, headers } = logIn(TOKEN);

  const login = await webui.anonymous("POST", "/login", { body, headers: { ...headers, ...https } });
  const cookie = cookieOf(login.headers);
  const bare = cookie.replace("__Host-", "");
  const ask = async (given: string, more: Record<string, string>) =>
    (await webui.anonymous("GET", "/projects", { headers: { cookie: given, ...more } })).status;

  assert.match(
    login.headers.getSetCookie()[0] ?? "",
    /^__Host-orb_session=[^;]+; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
  assert.deepEqual([await ask(cookie, https), await ask(bare, https), await ask(cookie, {})], [200, 401, 401]);
  const logout = await webui.anonymous("POST", "/logout", { headers: { cookie, ...https, "sec-fetch-site": "same-origin" } });
  assert.match(logout.headers.getSetCookie()[0] ?? "", /^__Host-orb_session=;.*Secure/);
  assert.equal(await ask(cookie, https), 401);
});

test("an untrusted proxy cannot make a connection count as HTTPS", async () => {
  await using webui = await startTestWebui(store.database);
  const { body, headers } = logIn(TOKEN);

  const login = await webui.anonymous("POST", "/login", { body, headers: { ...headers, "x-forwarded-proto": "https" } });

  assert.match(login.headers.getSetCookie()[0] ?? "", /^orb_session=/);
});

test("with a session, only the site's own pages can change data", async () => {
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

test("a login from another site's page is refused, whether the token is right or wrong", async () => {
  await using webui = await startTestWebui(store.database);
  const init = logIn(TOKEN);

  const answer = await webui.anonymous("POST", "/login", { ...init, headers: { ...init.headers, origin: "http://evil.test" } });

  assert.equal(answer.json.error.code, "E_CROSS_ORIGIN");
});

test("after ten wrong tokens the right token must wait, too", async () => {
  await using webui = await startTestWebui(store.database);

  const wrong = [];
  for (let count = 0; count < 10; count++) wrong.push((await webui.anonymous("POST", "/login", logIn(`guess ${count}`))).status);
  const right = await webui.anonymous("POST", "/login", logIn(TOKEN));

  assert.deepEqual(wrong, Array(10).fill(401));
  assert.equal(right.json.error.code, "E_TOO_MANY_LOGINS");
  assert.equal((await webui.request("GET", "/projects")).status, 200);
});

test("on loopback, a foreign host name is refused, even with the token", async () => {
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

test("ten wrong tokens a minute are the limit, in a header as in the login", async () => {
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

test("every answer has the headers that block other sites and scripts", async () => {
  await using webui = await startTestWebui(store.database);

  const paths = ["/", "/api/v1/projects", "/api/v1/none", "/assets/none.js", "/livez", "/metrics", "/api/v1/openapi.json", "/%ff"];
  const answers = await Promise.all(paths.map((path) => fetch(webui.url + path)));

  for (const [index, { headers }] of answers.entries()) {
    const policy = headers.get("content-security-policy") ?? "";
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"])
      assert.ok(policy.split("; ").includes(part), `${paths[index]}: ${part}`);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    for (const [name, value] of Object.entries({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    }))
      assert.equal(headers.get(name), value, `${paths[index]}: ${name}`);
  }
  assert.equal(answers[1]?.headers.get("cache-control"), "no-store");
});

test("attempts from one IPv6 network of 64 bits count as one client", async () => {
  await using webui = await startTestWebui(store.database, { trustedProxies: ["127.0.0.0/8"] });
  const tryFrom = async (client: string, token: string) => {
    const { body, headers } = logIn(token);
    return (await webui.anonymous("POST", "/login", { body, headers: { ...headers, "x-forwarded-for": client } })).status;
  };

  for (let tries = 0; tries < 10; tries++) await tryFrom(`2001:db8::${tries}`, `wrong ${tries}`);

  assert.deepEqual([await tryFrom("2001:db8::ffff", TOKEN), await tryFrom("2001:db8:0:1::1", TOKEN)], [429, 200]);
});

test("client headers of a balancer count only if the balancer is trusted", async () => {
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
