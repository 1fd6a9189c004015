/**
 * Whether a route asks for credentials. That is not written anywhere: its permissions are asked about a request of somebody unknown.
 *
 * Tables of routes and documents ask it, never a request.
 */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { ApiError } from "../errors.ts";
import { Context } from "./context.ts";
import type { Endpoint } from "./endpoint.ts";
import { Request } from "./request.ts";
import type { Services } from "./services.ts";

/** Whether a request without credentials is let through to the action. */
export async function admitsAnybody(endpoint: Endpoint, method: string, services: Services): Promise<boolean> {
  const message = new IncomingMessage(new Socket());
  message.method = method;
  message.url = endpoint.path;
  const request = new Request({ message, params: {}, scheme: "http", host: "localhost", address: "" });
  const context = new Context(request, endpoint, services);
  try {
    for (const permission of endpoint.permissions) {
      if (!((await permission.check?.(context)) ?? true)) return false;
    }
  } catch (error) {
    // A permission may say no with an error of its own.
    if (error instanceof ApiError) return false;
    throw error;
  }
  return true;
}
