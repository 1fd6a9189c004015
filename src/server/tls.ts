/**
 * TLS: connections decrypted before HTTP sees them.
 *
 * Certificates are read again when their files change, so a renewed one is used without a restart; one that cannot be used is told, and
 * the one before stays. Versions and ciphers are Node's, TLS 1.2 and 1.3.
 * Reference: RFC 8446; RFC 7301 (ALPN) for the choice between HTTP/2 and HTTP/1.1.
 */
import { readFileSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import { createSecureContext, createServer, type SecureContextOptions, type TLSSocket } from "node:tls";
import type { Logger } from "../config/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { TransportSettings } from "./transport-settings.ts";

export interface Tls {
  /** Begins TLS on a connection. */
  accept(socket: Socket): void;
  /** Takes what session tickets are encrypted with: 48 bytes. */
  useTicketKeys(keys: Buffer): void;
  /** Ends looking after the files. */
  close(): void;
}

export interface TlsOptions {
  readonly settings: Pick<TransportSettings, "tlsCertFile" | "tlsKeyFile" | "tlsCaFile" | "http2">;
  readonly log: Logger;
  /** Told of each connection on which TLS is established. */
  readonly onSecure: (socket: TLSSocket) => void;
  /** Milliseconds between two looks at the files (default 10 s). */
  readonly everyMs?: number;
}

/** Milliseconds that a client has to begin. */
const handshakeTimeout = 10_000;

/** @throws ConfigurationError  a file that cannot be read, or a key that is not the certificate's */
export function createTls({ settings, log, onSecure, everyMs = 10_000 }: TlsOptions): Tls {
  const { tlsCaFile, http2 } = settings;
  const files = [settings.tlsCertFile, settings.tlsKeyFile, tlsCaFile].filter((file) => file !== "");
  const stampOf = (): string =>
    files.map((file) => `${statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? "gone"}`).join();
  let stamp = stampOf();
  let ticketKeys: Buffer | undefined;
  const server = createServer({
    ...readCredentials(settings),
    handshakeTimeout,
    minVersion: "TLSv1.2",
    ALPNProtocols: http2 ? ["h2", "http/1.1"] : ["http/1.1"],
    requestCert: tlsCaFile !== "",
    rejectUnauthorized: tlsCaFile !== "",
  });
  server.on("secureConnection", onSecure);
  // Scanners and clients that do not trust us; nothing that somebody here could put right.
  server.on("tlsClientError", (error, socket) => {
    log.debug("a client could not begin TLS", { error });
    socket.destroy();
  });
  const look = setInterval(() => {
    const now = stampOf();
    if (now === stamp) return;
    stamp = now;
    try {
      server.setSecureContext(readCredentials(settings));
      // It makes keys of its own.
      if (ticketKeys) server.setTicketKeys(ticketKeys);
      log.info("the certificate was read again", { file: settings.tlsCertFile });
    } catch (error) {
      log.error("the changed certificate cannot be used, the one before stays", { error: error as Error });
    }
  }, everyMs);
  look.unref();
  return {
    accept: (socket) => void server.emit("connection", socket),
    useTicketKeys(keys) {
      ticketKeys = keys;
      server.setTicketKeys(keys);
    },
    close: () => clearInterval(look),
  };
}

/** @throws ConfigurationError */
function readCredentials({ tlsCertFile, tlsKeyFile, tlsCaFile }: TlsOptions["settings"]): SecureContextOptions {
  if (tlsKeyFile === "") throw new ConfigurationError("TLS_KEY_FILE", "expected the file of the certificate's key");
  const read = (name: string, file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (cause) {
      throw new ConfigurationError(`${name}=${file}`, "expected a PEM file that can be read", { cause });
    }
  };
  const credentials = {
    cert: read("TLS_CERT_FILE", tlsCertFile),
    key: read("TLS_KEY_FILE", tlsKeyFile),
    ...(tlsCaFile !== "" && { ca: read("TLS_CA_FILE", tlsCaFile) }),
  };
  try {
    createSecureContext(credentials);
  } catch (cause) {
    // What OpenSSL says names no part of the key.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError("TLS_CERT_FILE, TLS_KEY_FILE", `expected a certificate and its key in PEM: ${reason}`);
  }
  return credentials;
}
