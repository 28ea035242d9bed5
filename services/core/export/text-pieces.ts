/** A text of this length is written by itself: no copy of a large text is made. */
const PIECE_LENGTH = 65_536;

/** The text in parts of at most 65,536 characters; no part ends within a surrogate pair. */
export function* slicesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = start + PIECE_LENGTH;
    const splitsPair = end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
    const cut = splitsPair ? end - 1 : end;
    yield text.slice(start, cut);
    start = cut;
  }
}

/** Joins short texts and divides long ones, so that a stream has few chunks and no large one. */
export function* inPieces(texts: Iterable<string>): Generator<string> {
  let joined = "";
  for (const text of texts) {
    if (text.length >= PIECE_LENGTH) {
      if (joined) yield joined;
      joined = "";
      yield* slicesOf(text);
      continue;
    }
    joined += text;
    if (joined.length < PIECE_LENGTH) continue;
    yield joined;
    joined = "";
  }
  if (joined) yield joined;
}
