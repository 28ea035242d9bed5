/** Encodings in the sandbox's own processes, which have no globals but a few and read no files. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import iconv from "iconv-lite";
import { openPool, pageOf, projectOf } from "../../fixtures/sandbox.ts";

const SCRIPT = `import { Crawler, decodeText, encodeText, type Response } from "orbweaver";
export default class Encodings extends Crawler {
  page(response: Response) {
    const text = response.doc("p").text();
    return [response.encoding, text, decodeText(encodeText(text, response.encoding), response.encoding)];
  }
  text(response: Response) {
    return response.doc("p").text();
  }
}`;

const pool = openPool({ processLimitMs: 20_000 });
after(() => pool.close());
const read = await projectOf("encodings", SCRIPT);

for (const [label, encoding, text] of [
  ["euc-kr", "cp949", "똠방각하 펲시"],
  ["big5", "big5-hkscs", "香港"],
  ["gb18030", "gb18030", "丢了丝线"],
  ["shift_jis", "shift_jis", "糸をなくした"],
  ["koi8-r", "koi8-r", "Паук"],
] as const) {
  test(`a page in ${label} is read, and its text written again`, async () => {
    const content = iconv.encode(`<meta charset="${label}"><p>${text}</p>`, encoding);

    const { process, results } = await pool.run(read("page", { page: pageOf("", { content, headers: { "content-type": "text/html" } }) }));

    assert.equal(process.error, undefined);
    assert.deepEqual(JSON.parse(results?.[0] ?? "null"), [label, text, text]);
  });
}

test("characters of Hong Kong are read", async () => {
  const content = iconv.encode("<p>嘅喺咗唔嚟 Ê̄ 𨋢</p>", "big5-hkscs");
  const headers = { "content-type": "text/html; charset=big5-hkscs" };

  const { results } = await pool.run(read("text", { page: pageOf("", { content, headers }) }));

  assert.deepEqual(JSON.parse(results?.[0] ?? "null"), "嘅喺咗唔嚟 Ê̄ 𨋢");
});

test("a page that declares ISO-2022-JP is read", async () => {
  const content = Buffer.from('<meta charset="iso-2022-jp"><p>\u001b$B4A;z\u001b(B</p>', "latin1");

  const { results } = await pool.run(read("page", { page: pageOf("", { content, headers: { "content-type": "text/html" } }) }));

  assert.deepEqual(JSON.parse(results?.[0] ?? "null"), ["iso-2022-jp", "漢字", "漢字"]);
});
