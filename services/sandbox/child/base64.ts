/** `atob` and `btoa`, which the language lacks; cheerio's tables of entities need the first when they are loaded. */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 -> one character per byte. @throws TypeError for anything else. */
export function atob(text: string): string {
  const digits = String(text)
    .replace(/[\t\n\f\r ]+/g, "")
    .replace(/={1,2}$/, "");
  if (digits.length % 4 === 1 || /[^A-Za-z\d+/]/.test(digits)) throw new TypeError("atob() takes base64");
  let bytes = "";
  for (let index = 0; index < digits.length; index += 4) {
    const group = [0, 1, 2, 3].map((place) => DIGITS.indexOf(digits[index + place] ?? "A"));
    const bits = group.reduce((sum, digit) => sum * 64 + digit, 0);
    bytes += String.fromCharCode((bits >> 16) & 0xff, (bits >> 8) & 0xff, bits & 0xff);
  }
  return bytes.slice(0, Math.floor((digits.length * 6) / 8));
}

/** One character per byte -> base64. @throws TypeError for characters above U+00FF. */
export function btoa(bytes: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern matches bytes.
  if (/[^\x00-\xff]/.test(bytes)) throw new TypeError("btoa() takes characters up to U+00FF");
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const [high = 0, middle = 0, low = 0] = [0, 1, 2].map((place) => bytes.charCodeAt(index + place) || 0);
    const bits = (high << 16) | (middle << 8) | low;
    text += [18, 12, 6, 0].map((shift) => DIGITS[(bits >> shift) & 63]).join("");
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  return text.slice(0, text.length - missing) + "=".repeat(missing);
}

Object.defineProperties(globalThis, {
  atob: { value: atob, writable: true, configurable: true },
  btoa: { value: btoa, writable: true, configurable: true },
});
