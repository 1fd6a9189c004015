import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readSettings } from "../../src/config/index.ts";
import { serverSettings } from "../../src/server/index.ts";

const read = (environment: Record<string, string>, isTerminal = false) =>
  readSettings(serverSettings, { environment, machine: { cores: 3, isTerminal } });

describe("the settings of the server", () => {
  it("are safe by default: loopback, one worker a core, loopback proxies", () => {
    const { host, port, workers, trustedProxies } = read({});
    assert.deepEqual([host, port, workers, trustedProxies], ["127.0.0.1", 8000, 3, ["127.0.0.1", "::1"]]);
  });

  it("log for people in a terminal and for machines elsewhere", () => {
    assert.deepEqual([read({}, true).accessLog, read({}, true).logFormat], ["readable", "readable"]);
    assert.deepEqual([read({}).accessLog, read({}).logFormat], ["json", "json"]);
    assert.equal(read({ ACCESS_LOG: "off" }, true).accessLog, "off");
  });

  it("take proxies as addresses and networks, or none", () => {
    assert.deepEqual(read({ TRUSTED_PROXIES: "10.0.0.0/8, ::1,*" }).trustedProxies, ["10.0.0.0/8", "::1", "*"]);
    assert.deepEqual(read({ TRUSTED_PROXIES: "" }).trustedProxies, []);
    for (const wrong of ["proxy.example", "10.0.0.0/33", "::/129", "10.0.0.0/x", "10.0.0.0/8/8"]) {
      assert.throws(() => read({ TRUSTED_PROXIES: wrong }), /TRUSTED_PROXIES=/, wrong);
    }
  });

  it("refuse what would mean no limit or no worker", () => {
    for (const [name, value] of Object.entries({
      REQUEST_TIMEOUT: "0",
      WEB_CONCURRENCY: "0",
      PORT: "65536",
      HOST: "",
    })) {
      assert.throws(() => read({ [name]: value }), { code: "configuration" });
    }
  });
});
