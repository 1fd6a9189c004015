/** Constant load on a server: connections that are kept, and connections for one request, until it is ended. */
import { Agent, request } from "node:http";

export interface Load {
  /** Ends it, after the requests under way. */
  end(): Promise<Outcome>;
  readonly answered: () => number;
}

export interface Outcome {
  readonly answered: number;
  /** What went wrong, one text a request; it says so where the connection had carried requests before. */
  readonly failures: readonly string[];
}

/** Asks on so many connections of each kind, each with the next request as soon as the last is answered. */
export function startLoad(url: string, { kept, closed }: { readonly kept: number; readonly closed: number }): Load {
  const agents: Agent[] = [];
  const failures: string[] = [];
  let answered = 0;
  let isEnding = false;

  const ask = (agent: Agent | false): Promise<void> =>
    new Promise((resolve) => {
      const fail = (error: Error & { code?: string }): void => {
        failures.push(`${error.code ?? error.message}${sent.reusedSocket ? " on a kept connection" : ""}`);
        resolve();
      };
      const sent = request(url, { agent }, (response) => {
        if (response.statusCode !== 200) failures.push(`status ${response.statusCode}`);
        response.resume().on("error", fail);
        response.on("end", () => {
          answered++;
          resolve();
        });
      });
      sent.on("error", fail);
      sent.end();
    });
  const run = async (makeAgent: () => Agent | false): Promise<void> => {
    const agent = makeAgent();
    while (!isEnding) await ask(agent);
  };
  const keepOne = (): Agent => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    return agent;
  };
  const running = [
    ...Array.from({ length: kept }, () => run(keepOne)),
    ...Array.from({ length: closed }, () => run(() => false)),
  ];
  return {
    answered: () => answered,
    async end() {
      isEnding = true;
      await Promise.all(running);
      for (const agent of agents) agent.destroy();
      return { answered, failures };
    },
  };
}
