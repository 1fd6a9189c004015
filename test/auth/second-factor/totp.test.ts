import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeal } from "../../../src/auth/second-factor/sealed.ts";
import { base32, codeOf, newTotpSecret, stepAt, stepOf, totpUri } from "../../../src/auth/second-factor/totp.ts";

const secret = Buffer.from("12345678901234567890");

describe("a code of an authenticator app", () => {
  it("is that of RFC 6238, appendix B, whose last six digits these are", () => {
    for (const [seconds, code] of [
      [59, "287082"],
      [1_111_111_109, "081804"],
      [1_111_111_111, "050471"],
      [1_234_567_890, "005924"],
      [2_000_000_000, "279037"],
      [20_000_000_000, "353130"],
    ] as const)
      assert.equal(codeOf(secret, stepAt(seconds * 1000)), code);
  });

  it("is taken half a minute early and late, and no more", () => {
    const now = 1_700_000_010_000;
    const step = stepAt(now);
    for (const offset of [-1, 0, 1]) assert.equal(stepOf(secret, codeOf(secret, step + offset), now), step + offset);
    for (const offset of [-2, 2]) assert.equal(stepOf(secret, codeOf(secret, step + offset), now), undefined);
    for (const wrong of ["", "287 082", "0287082", "-287082", "２８７０８２"])
      assert.equal(stepOf(secret, wrong, 59_000), undefined);
  });

  it("comes of a secret of 160 bits, told in base32 and as a link", () => {
    assert.equal(base32(secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert.equal(base32(Buffer.from("foob")), "MZXW6YQ");
    assert.equal(newTotpSecret().length, 20);
    assert.equal(
      totpUri(secret, "My shop", "a:b@c"),
      "otpauth://totp/My%20shop:a%3Ab%40c?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=My%20shop",
    );
  });
});

describe("a sealed text", () => {
  const keys = { secretKey: "a secret of thirty-two characters", fallbacks: ["an older secret of thirty-two char"] };
  const seal = createSeal(keys, "test");

  it("opens to what was closed, for its owner and purpose alone", () => {
    const text = seal.close(secret, "user 3");
    assert.deepEqual(seal.open(text, "user 3"), { bytes: secret, isCurrent: true });
    assert.equal(seal.open(text, "user 4"), undefined);
    assert.equal(createSeal(keys, "other").open(text, "user 3"), undefined);
    assert.notEqual(seal.close(secret, "user 3"), text);
  });

  it("opens while its key is among the older ones", () => {
    const older = createSeal({ secretKey: "an older secret of thirty-two char" }, "test").close(secret, "user 3");
    assert.deepEqual(seal.open(older, "user 3"), { bytes: secret, isCurrent: false });
    assert.equal(
      createSeal({ secretKey: "an unknown secret of 32 characters" }, "test").open(older, "user 3"),
      undefined,
    );
  });

  it("does not open when a bit of it was changed, or a part is missing", () => {
    const bytes = Buffer.from(seal.close(secret, "user 3"), "base64url");
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
      assert.equal(seal.open(changed.toString("base64url"), "user 3"), undefined);
      assert.equal(seal.open(bytes.subarray(0, i).toString("base64url"), "user 3"), undefined);
    }
  });
});
