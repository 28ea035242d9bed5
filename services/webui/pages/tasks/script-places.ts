/** A piece of a text; with `line` if it names a line of the project's script. */
export interface TextPiece {
  text: string;
  line?: number;
}

/** `"boom (books.ts:3:5)"`, `"books"` -> the text in pieces, of which `books.ts:3:5` has line 3. Pure. */
export function scriptPlaces(text: string, project: string): TextPiece[] {
  const place = new RegExp(`\\b(${project}\\.ts:(\\d{1,6}):\\d+)`);
  const pieces: TextPiece[] = [];
  // Between two matches is plain text; each match has its whole text and its line.
  const parts = text.split(place);
  for (let index = 0; index < parts.length; index += 3) {
    if (parts[index]) pieces.push({ text: parts[index] ?? "" });
    if (parts[index + 1]) pieces.push({ text: parts[index + 1] ?? "", line: Number(parts[index + 2]) });
  }
  return pieces;
}
