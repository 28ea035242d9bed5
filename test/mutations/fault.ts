/** One fault made by hand, which the tests named have to notice. */
export interface Fault {
  /** Unique: `room/what-is-wrong`. */
  name: string;
  /** The source file, from the root of the checkout. */
  file: string;
  /** Occurs in the file exactly once. */
  text: string;
  replacement: string;
  /** Files of tests, from the root. At least one of their tests has to fail. */
  tests: readonly [string, ...string[]];
}

/** The source with the fault in it. @throws Error unless the text to replace stands there exactly once. */
export function withFault(source: string, { name, file, text, replacement }: Fault): string {
  const parts = source.split(text);
  if (parts.length !== 2) throw new Error(`${name}: its text stands ${parts.length - 1} times in ${file}, and has to stand there once`);
  return parts.join(replacement);
}
