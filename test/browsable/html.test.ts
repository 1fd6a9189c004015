import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { html, Safe } from "../../src/browsable/html.ts";

describe("html", () => {
  it("escapes every character that could end a text or a quoted attribute", () => {
    const value = `<script>alert("1")</script> & '2'`;
    assert.equal(
      html`<p title="${value}">${value}</p>`.text,
      `<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;2&#39;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;2&#39;</p>`,
    );
  });

  it("keeps what was made by html, also in lists", () => {
    const items = ["a", "<b>"].map((item) => html`<li>${item}</li>`);
    assert.equal(html`<ul>${items}</ul>`.text, "<ul><li>a</li><li>&lt;b&gt;</li></ul>");
  });

  it("escapes the texts of a list", () => {
    assert.equal(html`${["<", [">"]]}`.text, "&lt;&gt;");
  });

  it("shows nothing for undefined, null and false, and 0 as 0", () => {
    assert.equal(html`[${undefined}${null}${false}${0}${10n}]`.text, "[010]");
  });

  it("refuses a value in an attribute without quotes", () => {
    assert.throws(() => html`<a href=${"x onclick=alert(1)"}>`, TypeError);
  });

  it("does not take an object that looks like safe HTML for it", () => {
    const forged = { text: "<script>", toString: () => "<script>" };
    assert.equal(html`${forged as unknown as string}`.text.includes("<script>"), false);
    assert.ok(html`x` instanceof Safe);
  });
});
