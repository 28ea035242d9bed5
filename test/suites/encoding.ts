import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createDecoder } from "../../services/core/runtime/text-decoder.ts";
import { encodeText } from "../../services/sandbox/child/text-encoder.ts";
import { declaredEncoding, SNIFFED_BYTES, toCharacters } from "../../services/sdk/encoding.ts";
import { labelToName } from "../../services/sdk/encoding-labels.ts";
import { expect } from "./expect.ts";
import { Recorder } from "./recorder.ts";
import { runTestFile } from "./run-javascript.ts";
import type { Suite } from "./suite.ts";

/** The name of the encoding that we read a page in, in lower case; `fallback` if nothing in the page says one. */
function nameOf(bytes: Uint8Array, header: string | undefined, fallback: string): string {
  const contentType = header === undefined ? "text/html" : `text/html; charset=${header}`;
  return declaredEncoding(contentType, toCharacters(bytes.subarray(0, SNIFFED_BYTES))) ?? fallback;
}

export const html5lib: Suite = {
  name: "html5lib-tests, encoding",
  repository: "html5lib/html5lib-tests",
  version: "224991e",
  needs: "encoding/tests1.dat",
  run(root) {
    const recorder = new Recorder();
    for (const file of ["tests1.dat", "tests2.dat", "test-yahoo-jp.dat"]) {
      const cases = readFileSync(join(root, "encoding", file), "latin1").matchAll(/^#data\n(.*?)\n?^#encoding\n(.*?)\n/gms);
      recorder.begin(file);
      for (const [, data = "", encoding = ""] of cases)
        recorder.equal(nameOf(Buffer.from(data, "latin1"), undefined, "windows-1252"), labelToName(encoding)?.toLowerCase());
    }
    return recorder.outcomes;
  },
};

export const encodingSniffer: Suite = {
  name: "encoding-sniffer",
  repository: "fb55/encoding-sniffer",
  version: "d0ae046",
  needs: "src/html-encoding-sniffer.spec.ts",
  run(root) {
    const getEncoding = (
      bytes: Uint8Array,
      { transportLayerEncodingLabel, defaultEncoding = "windows-1252" }: Record<string, string> = {},
    ) => nameOf(bytes, transportLayerEncodingLabel, defaultEncoding.toLowerCase());
    const strictEqual = (actual: string, expected: string) => expect(actual).toEqual(expected.toLowerCase());
    return runTestFile(join(root, encodingSniffer.needs), {
      "node:assert": { default: { strictEqual } },
      "node:fs": { default: { readFileSync } },
      "node:path": { default: { resolve: join } },
      "./index.js": { getEncoding },
    });
  },
};

const ENCODINGS = {
  big5: "big5",
  euc_kr: "euc-kr",
  gb18030: "gb18030",
  shift_jis: "shift_jis",
  iso_2022_jp: "iso-2022-jp",
  jis0208: "euc-jp",
};

/** Line by line, bytes and their text. */
export const decoders: Suite = {
  name: "encoding_rs, decoders",
  repository: "hsivonen/encoding_rs",
  version: "c4a1676",
  needs: "tests/test_data/big5_in.txt",
  run(root) {
    const recorder = new Recorder();
    const read = (name: string) =>
      readFileSync(join(root, "tests/test_data", name))
        .toString("latin1")
        .split("\n");
    for (const [name, encoding] of Object.entries({ ...ENCODINGS, jis0212: "euc-jp" })) {
      recorder.begin(name);
      const decoder = createDecoder(encoding);
      const wanted = read(`${name}_in_ref.txt`);
      for (const [index, bytes] of read(`${name}_in.txt`).entries())
        recorder.equal(decoder.decode(Buffer.from(bytes, "latin1")), Buffer.from(wanted[index] ?? "", "latin1").toString());
    }
    return recorder.outcomes;
  },
};

/** Line by line, a text and its bytes for each encoding that scripts can write. */
export const encoders: Suite = {
  name: "encoding_rs, encoders",
  repository: "hsivonen/encoding_rs",
  version: "c4a1676",
  needs: "tests/test_data/big5_out.txt",
  run(root) {
    const recorder = new Recorder();
    const read = (name: string) => readFileSync(join(root, "tests/test_data", name));
    for (const [name, encoding] of Object.entries(ENCODINGS)) {
      recorder.begin(name);
      const texts = read(`${name}_out.txt`).toString().split("\n");
      const wanted = read(`${name}_out_ref.txt`).toString("latin1").split("\n");
      for (const [index, text] of texts.entries()) {
        const bytes = encodeText(text, encoding, "reference");
        recorder.equal(Buffer.isBuffer(bytes) ? bytes.toString("latin1") : bytes, wanted[index]);
      }
    }
    return recorder.outcomes;
  },
};
