/** All readers of fetch options accept the same values: the sandbox's parent, `POST /fetch` and `POST /render`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import type { FetchOptions } from "../../../../services/core/protocol/fetch-options.ts";
import { fetchSchema } from "../../../../services/core/protocol/fetch-schema.ts";
import { renderRequest as bodyOfRender } from "../../../../services/fetcher/render-page.ts";
import { fetcherDefaults } from "../../../../services/fetcher/settings.ts";
import { renderRequest } from "../../../../services/renderer/render-request.ts";
import { readAnswer } from "../../../../services/sandbox/answer.ts";
import { anyJson, anyText, anyUrl, recordOf } from "../../../fixtures/arbitraries.ts";

const words = (...values: string[]) => fc.constantFrom(...values);
const OPTIONS = {
  ...{ method: fc.oneof(words("GET", "post", "A".repeat(25), "A".repeat(33)), anyText(3)), headers: recordOf(anyText(5)) },
  ...{
    data: fc.oneof(
      anyText(),
      fc.base64String().map((base64) => ({ base64 })),
    ),
    cookies: recordOf(anyText(5)),
    timeout: fc.double(),
  },
  ...{
    maxRedirects: fc.integer({ min: -1, max: 200 }),
    etag: fc.oneof(fc.boolean(), anyText(5)),
    maxBodyBytes: fc.integer({ min: -1, max: 9 }),
  },
  ...{
    proxy: fc.oneof(fc.constant(false), anyUrl, fc.array(anyUrl, { maxLength: 2 })),
    fetchType: words("js", "http", "x"),
    jsScript: anyText(),
  },
  ...{ jsRunAt: words("document-start", "x"), jsViewportHeight: fc.integer({ min: -1, max: 20_000 }), loadImages: fc.boolean() },
};
/** One option at a time: an invalid one would hide the others. */
const anyOption = fc
  .constantFrom(...(Object.keys(OPTIONS) as (keyof typeof OPTIONS)[]))
  .chain((name) =>
    fc
      .oneof({ weight: 4, arbitrary: OPTIONS[name] as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: anyJson })
      .map((value) => ({ [name]: value })),
  );

const follow = { taskid: "t", url: "http://a.test/", process: { callback: "page" } };
const route = z.strictObject(fetchSchema());

function parentAccepts(fetch: object): boolean {
  try {
    return readAnswer(JSON.stringify({ ok: true, logs: "", follows: [{ ...follow, fetch }], messages: [] })).ok;
  } catch {
    return false;
  }
}

test("POST /fetch accepts exactly the options that a task may have", () => {
  fc.assert(
    fc.property(anyOption, (option) => {
      const written = JSON.parse(JSON.stringify(option));

      assert.equal(route.safeParse(written).success, parentAccepts(written));
    }),
  );
});

test("the renderer accepts every page that the fetcher forwards", () => {
  fc.assert(
    fc.property(anyOption, (option) => {
      fc.pre(parentAccepts(option));
      const body = JSON.stringify(bodyOfRender({ url: "http://a.test/", fetch: option as FetchOptions }, fetcherDefaults, 1_000));

      const { error } = renderRequest.safeParse(JSON.parse(body));

      assert.deepEqual(error?.issues ?? [], []);
    }),
  );
});
