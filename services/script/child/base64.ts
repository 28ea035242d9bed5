/** `atob` and `btoa`, which the language lacks; cheerio's tables of entities need the first when they are loaded. */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 -> one character a byte. @throws TypeError for anything else. */
export function atob(text: string): string {
  const digits = String(text)
    .replace(/[\t\n\f\r ]+/g, "")
    .replace(/={1,2}$/, "");
  if (digits.length % 4 === 1 || /[^A-Za-z\d+/]/.test(digits)) throw new TypeError("atob() takes base64");
  let bytes = "";
  for (let bits = 0, held = 0, index = 0; index < digits.length; index++) {
    bits = ((bits << 6) | DIGITS.indexOf(digits[index] as string)) & 0xfff;
    held += 6;
    if (held >= 8) bytes += String.fromCharCode((bits >> (held -= 8)) & 0xff);
  }
  return bytes;
}

/** One character a byte -> base64. @throws TypeError for characters above U+00FF. */
export function btoa(bytes: string): string {
  let text = "";
  for (let bits = 0, held = 0, index = 0; index < bytes.length; index++) {
    const code = bytes.charCodeAt(index);
    if (code > 0xff) throw new TypeError("btoa() takes one character a byte");
    bits = ((bits << 8) | code) & 0xffff;
    for (held += 8; held >= 6; ) text += DIGITS[(bits >> (held -= 6)) & 63];
    if (index === bytes.length - 1 && held > 0) text += DIGITS[(bits << (6 - held)) & 63];
  }
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

Object.defineProperties(globalThis, {
  atob: { value: atob, writable: true, configurable: true },
  btoa: { value: btoa, writable: true, configurable: true },
});
