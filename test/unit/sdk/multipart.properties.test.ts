/** Forms with files, compared with Node's own (HTML standard, multipart/form-data). */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toStorable } from "../../../services/core/protocol/checks.ts";
import { encodeMultipart } from "../../../services/sdk/multipart.ts";
import { anyText } from "../../fixtures/arbitraries.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

connectTestHost();

const text = fc.oneof(anyText(8), fc.constantFrom("\r", "\n", "\r\n", "a\nb", "a\rb", "\n\r", "\r\r\n\n", '"')).map(toStorable);
const fields = fc.array(fc.tuple(text, text), { maxLength: 3 });
/** Node leaves out an empty file name, which the standard does not. */
const fileName = text.filter((name) => name !== "");
const files = fc.array(fc.record({ field: text, fileName, content: fc.oneof(text, fc.uint8Array({ maxLength: 5 })) }), {
  maxLength: 3,
});

async function nodesForm(fields: [string, string][], files: { field: string; fileName: string; content: string | Uint8Array }[]) {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  for (const { field, fileName, content } of files) form.append(field, new File([content as string], fileName));
  const answer = new Response(form);
  const boundary = /boundary=(.*)$/.exec(answer.headers.get("content-type") ?? "")?.[1] ?? "?";
  return Buffer.from(await answer.arrayBuffer())
    .toString("latin1")
    .replaceAll(boundary, "BOUNDARY");
}

test("any fields and files are written as Node does", async () => {
  await fc.assert(
    fc.asyncProperty(fields, files, async (fields, files) => {
      const { body, contentType } = encodeMultipart(fields, files);

      const boundary = contentType.replace("multipart/form-data; boundary=", "");
      const bytes = typeof body === "string" ? Buffer.from(body) : Buffer.from(body.base64, "base64");
      assert.equal(bytes.toString("latin1").replaceAll(boundary, "BOUNDARY"), await nodesForm(fields, files));
    }),
  );
});
