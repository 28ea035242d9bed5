import { cellText, type TableSource, tableOf } from "./table.ts";
import { inPieces, slicesOf } from "./text-pieces.ts";

/** Characters that can make spreadsheets run a formula (OWASP, CSV injection), in full-width form too; some skip white space before it. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
const NUMBER = /^[+-](?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const BYTE_ORDER_MARK = "\ufeff";

export interface CsvOptions {
  /** Put an apostrophe before a text that a spreadsheet could run as a formula. */
  guard: boolean;
  /** Begin with a byte order mark: without it, Excel reads UTF-8 as the system's code page. */
  bom: boolean;
}

/** CSV as in RFC 4180: a header, CRLF, quotes where needed; the columns are those of `tableOf`. Text is unchanged, everything else is JSON; a missing key is empty. */
export async function* encodeCsv(source: TableSource, { guard, bom }: CsvOptions): AsyncGenerator<string> {
  const { header, pages, cellsOf } = yield* tableOf(source);
  if (bom) yield BYTE_ORDER_MARK;
  yield* inPieces(csvLine(header, guard));
  for await (const page of pages) {
    yield* inPieces(
      page.values().flatMap((row) =>
        csvLine(
          cellsOf(row).map((cell) => (cell === undefined ? "" : cellText(cell))),
          guard,
        ),
      ),
    );
  }
}

function* csvLine(cells: string[], guard: boolean): Generator<string> {
  for (const [place, text] of cells.entries()) {
    if (place > 0) yield ",";
    yield* csvCell(guard && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);
  }
  yield "\r\n";
}

/** Semicolons and tabs are quoted too: some spreadsheets separate cells with them. */
function* csvCell(text: string): Generator<string> {
  if (!/[",;\t\r\n]/.test(text)) {
    yield text;
    return;
  }
  yield '"';
  for (const slice of slicesOf(text)) yield slice.replaceAll('"', '""');
  yield '"';
}
