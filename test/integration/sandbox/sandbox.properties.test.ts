/** Whatever a script prints, throws, keeps, sends or returns, its process survives and the outcome reports it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Page } from "../../../services/core/protocol/messages.ts";
import { anyJson, anyText, fewerRuns, recordOf } from "../../fixtures/arbitraries.ts";
import { openPool, pageOf, projectOf } from "../../fixtures/sandbox.ts";

const SCRIPT = `
import { Crawler, catchStatusCodeError, type Response } from "orbweaver";
export default class Any extends Crawler {
  print({ save }: Response) { console.log(save, ...[save].flat()); }
  fail({ save }: Response) { throw save; }
  failWith({ save }: Response) { throw new Error(save); }
  result({ save }: Response) { return save; }
  *results({ save }: Response) { yield* [save].flat(); }
  keep({ save }: Response) { this.save = save; }
  pass({ save }: Response) { this.crawl("http://a.test/", { callback: this.result, save }); }
  send({ save }: Response) { this.sendMessage("other", save); }
  sendAbout({ save }: Response) { this.sendMessage("other", 1, save); }
  @catchStatusCodeError
  read(response: Response) {
    const { doc, json, sitemap, headers, cookies, text, encoding } = response;
    return { title: doc("title").text(), json, sitemap, headers, cookies, length: text.length, encoding, links: response.xpath("//a/@href") };
  }
}`;
const CALLBACKS = ["print", "fail", "failWith", "result", "results", "keep", "pass", "send", "sendAbout"];
const CODES = [undefined, "E_SCRIPT", "E_SCRIPT_LIMIT"];

test("any value passes through a callback or fails it as the script's error", async () => {
  await using pool = openPool();
  const project = await projectOf("any", SCRIPT);

  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...CALLBACKS), fc.oneof(anyJson, anyText(12_000)), async (callback, save) => {
      const { process } = await pool.run(project(callback, { save }));

      assert.ok(CODES.includes(process.error?.code), `${process.error?.message}`);
    }),
  );
});

test("any page can be processed", async () => {
  await using pool = openPool();
  const project = await projectOf("any", SCRIPT);
  const pages: fc.Arbitrary<Page> = fc
    .record({
      url: anyText(),
      statusCode: fc.nat(999),
      headers: recordOf(anyText()),
      cookies: recordOf(anyText()),
      content: fc.uint8Array(),
    })
    .map(({ content, ...page }) => pageOf("", { ...page, content: Buffer.from(content) }));

  await fc.assert(
    fc.asyncProperty(pages, async (page) => {
      const { process } = await pool.run(project("read", { page }));

      assert.equal(process.error, undefined);
    }),
    fewerRuns(0.5),
  );
});
