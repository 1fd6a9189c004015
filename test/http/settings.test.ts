import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readSettings } from "../../src/config/index.ts";
import { httpSettings } from "../../src/http/index.ts";

const read = (environment: Readonly<Record<string, string>>) => readSettings(httpSettings, { environment });

describe("hosts and origins", () => {
  it("are taken in the forms that can match", () => {
    const hosts = ["example.com", ".example.com", "*", "127.0.0.1", "[::1]", "localhost"];
    assert.deepEqual(read({ ALLOWED_HOSTS: hosts.join() }).allowedHosts, hosts);
    const origins = ["https://shop.example.com", "https://*.example.com", "http://localhost:3000"];
    assert.deepEqual(read({ CSRF_TRUSTED_ORIGINS: origins.join() }).trustedOrigins, origins);
  });

  it("end the start where they never would", () => {
    for (const host of ["*.example.com", "example.com:8000", "https://example.com", "a b", "example..com"])
      assert.throws(() => read({ ALLOWED_HOSTS: host }), /ALLOWED_HOSTS=.*expected a host name/, host);
    for (const origin of [
      "shop.example.com",
      "https://shop.example.com/",
      "https://*",
      "ftp://a.example",
      "https://a/b",
    ])
      assert.throws(() => read({ CSRF_TRUSTED_ORIGINS: origin }), /CSRF_TRUSTED_ORIGINS=.*expected an origin/, origin);
  });
});
