/** What scripts of other habits write, in a real sandbox child: it works, or the error says what to write instead. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPool, pageOf, projectOf } from "../../fixtures/sandbox.ts";

const script = (body: string, before = "") =>
  `import { Crawler, catchStatusCodeError, config, type Response } from "orbweaver";\n${before}\nexport default class Test extends Crawler {\n${body}\n}\n`;

/** The message of a run of `page`; undefined if it ended well. */
async function failureOf(body: string): Promise<string | undefined> {
  await using pool = openPool();
  const project = await projectOf("mistake", script(body));
  return (await pool.run(project("page", { page: pageOf("<h1>A title</h1>") }))).process.error?.message;
}

const LOGGED =
  "function logged(method: any, _context: any) { return function (this: any, ...all: any[]) { return method.apply(this, all); }; }";

for (const [what, body] of [
  ["an arrow function, beside a decorated method", "  next = (r: Response) => ({ url: r.url });\n  @config({ age: 5 }) other() {}"],
  ["a method whose decorator returns a wrapper", "  @logged next() {}"],
] as const) {
  test(`a callback may be ${what}`, async () => {
    await using pool = openPool();
    const project = await projectOf(
      "callback",
      script(`  page() { this.crawl("http://a.test/", { callback: this.next }); }\n${body}`, LOGGED),
    );

    const { process, follows } = await pool.run(project("page"));

    assert.equal(process.error, undefined);
    assert.deepEqual(
      follows.map((follow) => follow.process.callback),
      ["next"],
    );
  });
}

test("options of a method below a decorator that returns a wrapper count", async () => {
  await using pool = openPool();
  const body = `  page() { this.crawl("http://a.test/", { callback: this.next }); }\n  @logged @config({ priority: 7 }) @catchStatusCodeError() next(r: Response) { return r.statusCode; }`;
  const project = await projectOf("wrapped", script(body, LOGGED));

  const asked = await pool.run(project("page"));
  const notFound = await pool.run(project("next", { page: { ...pageOf(""), statusCode: 404 } }));

  assert.equal(asked.follows[0]?.schedule?.priority, 7);
  assert.deepEqual(notFound.results, ["404"]);
});

for (const [member, right] of [
  ["crawl_config = { age: 5 };", "crawlConfig"],
  ["on_start() {}", "onStart"],
  ["onfinished() {}", "onFinished"],
  ["get_taskid() { return 'a'; }", "getTaskid"],
] as const) {
  test(`a class with ${member} is refused when it is loaded`, async () => {
    await using pool = openPool();
    const project = await projectOf("misspelt", script(`  ${member}\n  page() {}`));

    const { process } = await pool.run(project("_info"));

    assert.match(process.error?.message ?? "", new RegExp(`^TypeError: the class has \\w+, which Orbweaver does not know: write ${right}`));
  });
}

for (const [returned, message] of [
  ["{ title: r.doc('h1') }", "a result cannot be stored: the field title is an element of the page: write .text() or .attr(…)"],
  ["{ title: r.doc('h1')[0] }", "a result cannot be stored: the field title is an element of the page: write .text() or .attr(…)"],
  ["{ items: [{ price: 5n }] }", "a result cannot be stored: the field items[0].price is a bigint: write String(…)"],
  ["{ seen: new Map() }", "a result cannot be stored: the field seen is a Map: write Object.fromEntries(…)"],
  ["new Set([1])", "a result cannot be stored: it is a Set: write [...…]"],
  ["{ later: Promise.resolve(1) }", "a result cannot be stored: the field later is a promise: write await before it"],
  ["(() => { const a: any = {}; a.b = { a }; return a; })()", "a result cannot be stored: the field b.a contains itself"],
] as const) {
  test(`a result that JSON cannot hold is named: ${returned}`, async () => {
    assert.ok((await failureOf(`  page(r: Response) { return ${returned}; }`))?.startsWith(`TypeError: ${message}`));
  });
}

test("data whose fields have the names of an element's is stored", async () => {
  const data = { cheerio: "^1.0.0", parent: "a", nodeType: 1, toJson: 1 };

  assert.equal(await failureOf(`  page() { return ${JSON.stringify(data)}; }`), undefined);
});

test("what cannot be saved or sent is named", async () => {
  const options = "{ callback: 'page', save: { n: 5n } }";

  assert.match(
    (await failureOf(`  page() { this.crawl("http://a.test/", ${options}); }`)) ?? "",
    /takes as save a JSON value; the field n is a bigint/,
  );
  assert.match((await failureOf("  page() { this.save = new Map(); }")) ?? "", /this\.save cannot be stored: it is a Map/);
  assert.match((await failureOf('  page() { this.sendMessage("a", { n: 5n }); }')) ?? "", /as message; the field n is a bigint/);
});

for (const [thrown, message] of [
  ['new Error("outer", { cause: new Error("the reason") })', "Error: outer [cause: Error: the reason]"],
  ['new AggregateError([new Error("first"), new Error("second")], "none")', "AggregateError: none [cause: Error: first; Error: second]"],
  ['{ code: 5, msg: "why" }', '{"code":5,"msg":"why"}'],
] as const) {
  test(`the reason of a failure is shown: ${thrown}`, async () => {
    assert.ok((await failureOf(`  page() { throw ${thrown}; }`))?.startsWith(message));
  });
}

test("an exetime in milliseconds is refused", async () => {
  const message = await failureOf("  page() { this.crawl('http://a.test/', { callback: this.page, exetime: Date.now() + 1_000 }); }");

  assert.match(message ?? "", /takes as exetime unix seconds \(not milliseconds\) or a Date/);
});
