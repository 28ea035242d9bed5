import assert from "node:assert/strict";
import { test } from "node:test";
import iconv from "iconv-lite";
import type { Entries, FormChoices } from "../../../services/sdk/form.ts";
import { Response } from "../../../services/sdk/response.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

const { show } = connectTestHost();

function submit(html: string, { selector = "form", entries = {}, choices = {}, charset = "utf-8" }: Submit = {}) {
  show(iconv.encode(html, charset));
  const url = "http://a.test/folder/page?old=1";
  const headers = { "content-type": `text/html; charset=${charset}` };
  const page = { url, origUrl: url, statusCode: 200, headers, cookies: {}, timeMs: 1 };
  return new Response(page, { allowRedirects: true }).form(selector, entries, choices);
}

interface Submit {
  selector?: string;
  entries?: Entries;
  choices?: FormChoices;
  charset?: string;
}

const fieldsOf = (html: string, submitted?: Submit) => [
  ...new URLSearchParams(String(submit(`<form method=post>${html}</form>`, submitted).data)),
];

const LOGIN = `<form action="/login" method=post><input type=hidden name=csrf value="tok&amp;1"><input name=user><input type=password name=pw>
  <input type=checkbox name="t[]" value=1 checked><input type=checkbox name="t[]" value=2 checked><input type=checkbox name="t[]" value=3>
  <select name=s><option value=a>A<option value=b selected>B</select><textarea name=ta>\nhello\nyou</textarea>
  <button name=go value=1>Go</button><button name=go value=2 id=other>Other</button></form>`;

test("a form is sent with all its controls, the entries by name and its first button", () => {
  const { data, ...rest } = submit(LOGIN, { entries: { user: "me", pw: "&=", more: 1 } });

  assert.deepEqual(rest, { url: "http://a.test/login", method: "POST" });
  assert.deepEqual(
    [...new URLSearchParams(String(data))],
    [
      ["csrf", "tok&1"],
      ["user", "me"],
      ["pw", "&="],
      ["t[]", "1"],
      ["t[]", "2"],
      ["s", "b"],
      ["ta", "hello\r\nyou"],
      ["go", "1"],
      ["more", "1"],
    ],
  );
});

test("an entry replaces all controls of its name, with a list several, and null leaves them out", () => {
  const entries = { "t[]": ["3", 4], s: null, csrf: null, ta: "x", user: true, pw: "" };

  assert.equal(submit(LOGIN, { entries }).data, "user=true&pw=&t%5B%5D=3&t%5B%5D=4&ta=x&go=1");
});

test("another button can be clicked, or none", () => {
  assert.match(String(submit(LOGIN, { choices: { button: "#other" } }).data), /&go=2$/);
  assert.doesNotMatch(String(submit(LOGIN, { choices: { button: false } }).data), /go=/);
  assert.throws(() => submit(LOGIN, { choices: { button: "#none" } }), /no submit button for "#none"/);
});

for (const [title, html, fields] of [
  ["controls without name or disabled", `<input value=1><input name=a value=1 disabled><input name="" value=2>`, []],
  [
    "a disabled fieldset, except its first legend",
    `<fieldset disabled><legend><input name=a value=1></legend><input name=b><legend><input name=c></legend></fieldset>`,
    [["a", "1"]],
  ],
  [
    "a checked box without value",
    `<input type=checkbox name=a checked><input type=radio name=b><input type=RADIO name=b value=2 checked>`,
    [
      ["a", "on"],
      ["b", "2"],
    ],
  ],
  ["a list that shows its first enabled option", `<select name=a><option disabled>0<option> x \n y </option></select>`, [["a", "x y"]]],
  [
    "a list with several options",
    `<select name=a multiple><option selected>1<option>2<option selected>3</select><select name=b multiple><option>1</select>`,
    [
      ["a", "1"],
      ["a", "3"],
    ],
  ],
  ["a list that shows several lines", `<select name=a size=3><option>1</select>`, []],
  ["a disabled group of options", `<select name=a><optgroup disabled><option>1</optgroup><option value="">2</select>`, [["a", ""]]],
  [
    "an image as button",
    `<input type=image name=map src=x>`,
    [
      ["map.x", "0"],
      ["map.y", "0"],
    ],
  ],
  [
    "an image without name as button",
    `<input type=image src=x>`,
    [
      ["x", "0"],
      ["y", "0"],
    ],
  ],
  ["buttons that do not submit", `<button type=button name=a>1</button><input type=reset name=b><input type=button name=c>`, []],
  ["an input of an unknown type", `<input type=fancy name=a value=1>`, [["a", "1"]]],
  ["the name of the encoding", `<input type=hidden name=_charset_ value=x>`, [["_charset_", "UTF-8"]]],
  ["a file input without multipart", `<input type=file name=a value=b>`, [["a", ""]]],
] as const) {
  test(`a form sends ${title} as browsers do`, () => {
    assert.deepEqual(fieldsOf(html), fields);
  });
}

test("controls outside of the form belong to it by its id, and controls in it to the form that they name", () => {
  const html = `<form id=f method=post><input name=a value=1><input name=b value=2 form=g></form><form id=g></form><input name=c value=3 form=f>`;

  assert.equal(submit(html, { selector: "#f" }).data, "a=1&c=3");
  assert.equal(submit(html, { selector: "[name=a]" }).data, "a=1&c=3");
});

test("the fields of a GET form replace the query of its action", () => {
  assert.deepEqual(submit(`<form action="/find?x=1#part"><input name=q value="a b"></form>`), {
    url: "http://a.test/find?q=a+b#part",
    method: "GET",
  });
  assert.equal(submit(`<form><input name=q value=1></form>`).url, "http://a.test/folder/page?q=1");
});

test("the button decides about action, method and encoding of the body", () => {
  const html = `<form action=/a><input name=q value=1><button formaction=/b formmethod=POST formenctype=multipart/form-data>x</button></form>`;

  const { url, method, headers, data } = submit(html);

  assert.deepEqual([url, method], ["http://a.test/b", "POST"]);
  assert.match(headers?.["content-type"] ?? "", /^multipart\/form-data; boundary=/);
  assert.match(String(data), /name="q"\r\n\r\n1\r\n/);
});

test("a form with files sends those that are given, and empty ones", () => {
  const html = `<form method=post enctype=multipart/form-data><input name=q value=1><input type=file name=cv><input type=file name=photo></form>`;

  const data = String(submit(html, { choices: { files: { cv: { "cv.txt": "Analyst" } } } }).data);

  assert.match(data, /name="cv"; filename="cv\.txt"\r\nContent-Type: application\/octet-stream\r\n\r\nAnalyst\r\n/);
  assert.match(data, /name="photo"; filename=""\r\nContent-Type: application\/octet-stream\r\n\r\n\r\n/);
});

test("a form is sent in the encoding of its page, or in the first that it accepts", () => {
  const form = (attributes: string) =>
    `<form method=post ${attributes}><input name=q value="中文"><input type=hidden name=_charset_></form>`;

  assert.equal(submit(form(""), { charset: "gbk", entries: { r: "☃" } }).data, "q=%D6%D0%CE%C4&_charset_=GBK&r=%26%239731%3B");
  assert.equal(submit(form(`accept-charset="none, utf-8"`), { charset: "gbk" }).data, "q=%E4%B8%AD%E6%96%87&_charset_=UTF-8");
  assert.equal(submit(`<form><input name=q value="表"></form>`, { charset: "shift_jis" }).url, "http://a.test/folder/page?q=%95%5C");
  const multipart = submit(form("enctype=multipart/form-data"), { charset: "gbk" }).data as Uint8Array;
  assert.ok(Buffer.from(multipart).includes(Buffer.from("\r\n\r\n\xd6\xd0\xce\xc4\r\n", "latin1")));
});

test("a form that is not there, and entries without a certain text, are refused", () => {
  assert.throws(() => submit("<p>x</p>"), /form\(\) found no form for "form" on http:\/\/a\.test/);
  assert.throws(() => submit(LOGIN, { entries: { user: undefined } as never }), /"user" is undefined/);
  assert.throws(() => submit(LOGIN, { entries: { user: {} } as never }), /"user" is an object/);
});
