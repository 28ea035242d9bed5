/** The policy of the preview, besides that of our page, which allows our own files: nothing is loaded but pictures in the text itself. */
const POLICY = `<meta http-equiv="content-security-policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`;

/** A page's text with the policy before all that could load something. The doctype stays first: without it a browser draws the page differently. */
export function withPolicy(html: string): string {
  const [doctype = ""] = /^\s*<!doctype[^>]*>/i.exec(html) ?? [];
  return `${doctype}${POLICY}${html.slice(doctype.length)}`;
}
