import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

/** A shorter file is one packet either way. */
const MIN_BYTES = 1_024;
/** The editor's compiler and its types are longer; a page's files are not. */
const MAX_PAGE_BYTES = 320 * 1_024;
/** Brotli's quality 11 makes files 7 to 11 % shorter than 9, in 16 to 20 times the time: 1 s for 300 KB of a page, but 10 s for a compiler. */
const qualityFor = (bytes: number) => (bytes <= MAX_PAGE_BYTES ? 11 : 9);
const TEXT = /\.(?:html|js|css|svg|json)$/;

/**
 * Adds `<file>.br` and `<file>.gz` to the build, so that no request waits until a file is compressed. Only files of pages have a `.gz`: the others
 * would be a quarter of the web UI's own layer, and the edge compresses them for browsers that take no brotli, as over HTTP.
 */
export const compressedCopies = (): Plugin => ({
  name: "compressed-copies",
  apply: "build",
  generateBundle: {
    order: "post",
    async handler(_options, bundle) {
      const files = Object.values(bundle).filter(({ fileName }) => TEXT.test(fileName));
      await Promise.all(
        files.map(async (file) => {
          const text = Buffer.from(file.type === "chunk" ? file.code : file.source);
          if (text.length < MIN_BYTES) return;
          const params = { [constants.BROTLI_PARAM_QUALITY]: qualityFor(text.length), [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
          this.emitFile({ type: "asset", fileName: `${file.fileName}.br`, source: await promisify(brotliCompress)(text, { params }) });
          if (text.length > MAX_PAGE_BYTES) return;
          this.emitFile({ type: "asset", fileName: `${file.fileName}.gz`, source: await promisify(gzip)(text, { level: 9 }) });
        }),
      );
    },
  },
});
