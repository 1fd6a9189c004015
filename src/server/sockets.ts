/**
 * The sockets of a server: bound by the primary, which keeps them and accepts nothing, and inherited by workers as open files.
 *
 * The kernel keeps such a socket open as long as one process has it, so a port answers again as soon as a worker does, and
 * refuses nobody while all of them are dead: connections wait. Until the first worker listens on it, it refuses.
 * A server that listens would also accept, which is no job of a primary; Node binds without listening only by the function
 * that its own cluster module uses, `net._createServerHandle`: what is documented, `listen({ fd })` and handing over a server, listens.
 * Reference: gunicorn.sock (`create_sockets`), sd_listen_fds(3). Differs: workers are given the sockets by number.
 */
import { lookup } from "node:dns/promises";
import { chmodSync, rmSync, statSync } from "node:fs";
import net, { connect } from "node:net";
import { getSystemErrorName } from "node:util";
import { ConfigurationError } from "../errors.ts";
import { translateListenError } from "./listen.ts";

export interface Sockets {
  /** Numbers of open files. */
  readonly descriptors: readonly number[];
  /** Somebody else made them: the service manager, or the server before this one. */
  readonly areInherited: boolean;
  /** Closes them here; removes the file of a Unix socket, unless `isKept`: another server goes on with it. */
  close(isKept?: boolean): void;
}

export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket, in place of host and port; empty for none. */
  readonly unixSocket: string;
  /** Where the numbers of inherited sockets are told; what is told is taken away. */
  readonly environment: Record<string, string | undefined>;
}

/** How many sockets a server hands to its successor, from number 3 on. */
export const inheritedVariable = "INHERITED_SOCKETS";
const firstInherited = 3;

/**
 * Opens the sockets: those that this process was started with, else the ones of the settings.
 *
 * @throws ConfigurationError  the address is taken, not allowed, or not one of this machine
 */
export async function openSockets(options: SocketOptions): Promise<Sockets> {
  const { unixSocket, environment } = options;
  const isSuccessor = environment[inheritedVariable] !== undefined;
  const inherited = takeInherited(environment);
  const removeFile = (): void => {
    try {
      if (unixSocket !== "") rmSync(unixSocket, { force: true });
    } catch {
      // The folder belongs to the user that this server was before; the next start replaces the file.
    }
  };
  if (inherited > 0) {
    const descriptors = Array.from({ length: inherited }, (_, i) => firstInherited + i);
    const close = (isKept = false): void => {
      // What a service manager made is its own.
      if (isSuccessor && !isKept) removeFile();
    };
    return Object.freeze({ descriptors, areInherited: true, close });
  }
  const bound = unixSocket === "" ? await bindTcp(options) : await bindUnix(unixSocket);
  const close = (isKept = false): void => {
    bound.close();
    if (!isKept) removeFile();
  };
  return Object.freeze({ descriptors: [bound.fd], areInherited: false, close });
}

/** Of a server that upgrades itself, or of systemd (`LISTEN_FDS`, meant for the process `LISTEN_PID` alone). */
function takeInherited(environment: Record<string, string | undefined>): number {
  const { [inheritedVariable]: own, LISTEN_FDS: sockets, LISTEN_PID: pid } = environment;
  for (const name of [inheritedVariable, "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"]) delete environment[name];
  if (own !== undefined) return Number(own);
  return Number(pid) === process.pid ? Number(sockets) : 0;
}

interface Handle {
  readonly fd: number;
  close(): void;
  /** Of TCP alone. @returns 0, or what is wrong */
  getsockname?(into: object): number;
}

async function bindTcp({ host, port }: SocketOptions): Promise<Handle> {
  const where = { host, port };
  try {
    const { address, family } = await lookup(host);
    return bind(address, port, family);
  } catch (error) {
    throw translateListenError(error, `HOST=${host} PORT=${where.port}`);
  }
}

async function bindUnix(path: string): Promise<Handle> {
  const place = `UNIX_SOCKET=${path}`;
  if (isSocket(path)) {
    if (await isAlive(path)) throw new ConfigurationError(place, "another process listens there");
    rmSync(path);
  }
  try {
    const handle = bind(path, -1, -1);
    // As Gunicorn: whoever the umask lets.
    chmodSync(path, 0o777 & ~process.umask());
    return handle;
  } catch (error) {
    throw translateListenError(error, place);
  }
}

function bind(address: string, port: number, type: number): Handle {
  const create: unknown = Reflect.get(net, "_createServerHandle");
  if (typeof create !== "function") throw new TypeError("this version of Node cannot bind a socket without listening");
  const handle: unknown = create(address, port, type);
  if (typeof handle === "number") throw systemError(handle, address);
  if (!isHandle(handle)) throw new ConfigurationError("serve", "workers need a system with file descriptors; use dev");
  // libuv keeps the fault of an address that is taken for the first call after.
  const status = handle.getsockname?.({}) ?? 0;
  if (status === 0) return handle;
  handle.close();
  throw systemError(status, address);
}

const systemError = (status: number, address: string): Error =>
  Object.assign(new Error(`bind ${address}`), { code: getSystemErrorName(status) });

const isHandle = (value: unknown): value is Handle =>
  typeof value === "object" && value !== null && "fd" in value && typeof value.fd === "number" && value.fd >= 0;

/** Whether a Unix socket is there; another file of that name is not to be removed. */
export function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

/** Whether somebody accepts connections on a Unix socket. */
export function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (isConnected: boolean): void => {
      socket.destroy();
      resolve(isConnected);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}
