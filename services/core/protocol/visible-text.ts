/**
 * Characters that control a terminal, change the order of text or break lines invisibly: C0 but tab and line breaks, DEL, C1, Unicode's
 * directional characters (Unicode Standard Annex 9, section 2), line and paragraph separators, and the zero-width space.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern searches for control characters.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff]|\r(?!\n)/g;

/**
 * Untrusted text made safe to print: control characters become `\u001b` and the like; tabs and line breaks stay. JSON keeps its value, because
 * such characters occur only within its strings.
 */
export const visibleText = (text: string): string =>
  text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The same, with every line after the first indented, so that a text cannot look like the next line of a log or list. */
export const indentedText = (text: string): string => visibleText(text).replaceAll("\n", "\n  ");
