/** Who a request comes from, and its id: what a proxy says is believed, what a client says is not. */
import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import { createProxies, createRequestIds } from "../../src/http/index.ts";

function messageFrom(peer: string, headers: Record<string, string> = {}): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: peer });
  const message = new IncomingMessage(socket);
  message.headers = headers;
  return message;
}

const addressOf = (trusted: readonly string[], peer: string, forwarded: string): string =>
  createProxies(trusted)(messageFrom(peer, { "x-forwarded-for": forwarded })).address;

describe("the address of a client", () => {
  it("is that of the peer where the peer is no proxy of ours, whatever it says", () => {
    assert.equal(addressOf([], "203.0.113.9", "192.0.2.1"), "203.0.113.9");
    assert.equal(addressOf(["10.0.0.0/8"], "203.0.113.9", "192.0.2.1"), "203.0.113.9");
  });

  it("is the first from the right that is no proxy of ours; what the client wrote before it is not believed", () => {
    const trusted = ["10.0.0.0/8", "2001:db8:ffff::/48"];
    assert.equal(addressOf(trusted, "10.0.0.1", "192.0.2.1"), "192.0.2.1");
    assert.equal(addressOf(trusted, "10.0.0.1", "198.51.100.66, 192.0.2.1, 10.0.0.2"), "192.0.2.1");
    assert.equal(addressOf(trusted, "10.0.0.1", "10.0.0.99, 192.0.2.1"), "192.0.2.1");
    assert.equal(addressOf(trusted, "2001:db8:ffff::5", "198.51.100.66,2001:db8::7"), "2001:db8::7");
    assert.equal(addressOf(trusted, "::ffff:10.0.0.1", "192.0.2.1"), "192.0.2.1");
  });

  it("is what whoever comes by the Unix socket says, where that is trusted", () => {
    assert.equal(addressOf(["unix"], "", "192.0.2.1"), "192.0.2.1");
    assert.equal(addressOf(["127.0.0.1"], "", "192.0.2.1"), "");
    assert.equal(addressOf(["unix"], "203.0.113.9", "192.0.2.1"), "203.0.113.9");
  });

  it("is read with a port, in brackets, or mapped into IPv6", () => {
    const trusted = ["10.0.0.0/8"];
    assert.equal(addressOf(trusted, "10.0.0.1", "198.51.100.66, 192.0.2.1:55000"), "192.0.2.1");
    assert.equal(addressOf(trusted, "10.0.0.1", "[2001:DB8::7]:443"), "2001:db8::7");
    assert.equal(addressOf(trusted, "10.0.0.1", "::FFFF:192.0.2.1"), "192.0.2.1");
    assert.equal(addressOf(trusted, "10.0.0.1", "192.0.2.1, ::ffff:10.0.0.2"), "192.0.2.1");
  });

  it("is that of the last proxy which is known where the chain breaks", () => {
    const trusted = ["10.0.0.0/8"];
    for (const broken of ["", ",", "unknown", "192.0.2.1, unknown", "192.0.2.1, \u0000", "x".repeat(5000)])
      assert.equal(addressOf(trusted, "10.0.0.1", broken), "10.0.0.1", broken);
    assert.equal(addressOf(trusted, "10.0.0.1", "unknown, 10.0.0.2"), "10.0.0.2");
  });

  it("is, where everybody is trusted, what the peer added on the right: a client cannot choose it", () => {
    assert.equal(addressOf(["*"], "10.0.0.1", "198.51.100.66, 192.0.2.1"), "192.0.2.1");
    assert.equal(addressOf(["*", "10.0.0.0/8"], "10.0.0.1", "198.51.100.66, 192.0.2.1, 10.0.0.2"), "192.0.2.1");
  });
});

describe("the id of a request", () => {
  const idOf = (headers: Record<string, string>, trusted = ["10.0.0.1"]) =>
    createRequestIds(trusted)(messageFrom("10.0.0.1", headers));

  it("is the proxy's where that is well-formed, else one of our own", () => {
    assert.equal(idOf({ "x-request-id": "7f3a-01:z" }), "7f3a-01:z");
    const own = /^[\w-]{12}-[a-z\d]+$/;
    for (const id of ["", "a b", "a\nb", "<x>", "é", '"', "x".repeat(129)])
      assert.match(idOf({ "x-request-id": id }), own);
    assert.match(idOf({}), own);
  });

  it("is never a client's own, which could look like somebody else's", () => {
    assert.notEqual(idOf({ "x-request-id": "7f3a" }, []), "7f3a");
  });

  it("is the same whenever it is asked for, and another for every request", () => {
    const message = messageFrom("10.0.0.1");
    assert.equal(createRequestIds([])(message), createRequestIds(["*"])(message));
    assert.notEqual(idOf({}), idOf({}));
  });
});
