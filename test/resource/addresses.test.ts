import assert from "node:assert/strict";
import { test } from "node:test";
import { networkOf, readAddress } from "../../src/resource/index.ts";

test("an address has one form, whoever wrote it", () => {
  const forms: Record<string, readonly string[]> = {
    "192.0.2.7": ["192.0.2.7", "192.0.2.7:4711", "::ffff:192.0.2.7", "::FFFF:c000:207", "[::ffff:192.0.2.7]:80"],
    "2001:db8::1": ["2001:db8::1", "2001:DB8:0:0::1", "[2001:db8::1]", "[2001:0db8::0001]:443", "2001:db8::1%eth0"],
    "::1": ["::1", "0:0:0:0:0:0:0:1"],
  };
  for (const [address, texts] of Object.entries(forms))
    for (const text of texts) assert.equal(readAddress(text), address, text);
});

test("what is no address is none", () => {
  const texts = [
    "",
    "unknown",
    "192.0.2",
    "192.0.2.7:",
    "192.0.2.7:port",
    "[192.0.2.7]",
    "192.0.2.256",
    "[::1",
    "::1]:80",
    "1",
  ];
  for (const text of [...texts, "192.0.2.7\r\nx", "example.org", "[::1]x", "0x7f000001"])
    assert.equal(readAddress(text), undefined, text);
});

test("an IPv6 address is counted by its /64, an IPv4 address by itself", () => {
  assert.equal(networkOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assert.equal(networkOf("2001:db8:1:2::"), "2001:db8:1:2::/64");
  assert.equal(networkOf("2001:db8::1"), "2001:db8:0:0::/64");
  assert.equal(networkOf("::1"), "0:0:0:0::/64");
  assert.equal(networkOf("1::"), "1:0:0:0::/64");
  assert.equal(networkOf("::ffff:192.0.2.7"), "192.0.2.7");
  assert.equal(networkOf("192.0.2.7"), "192.0.2.7");
  assert.equal(networkOf(""), "");
});
