/** A worker's end of the channel to its primary. */
import { isPrimaryMessage, type PrimaryMessage, type WorkerMessage } from "./messages.ts";

/** Sends to the primary; a primary that is gone is no error here, since this process then ends too. */
export function tell(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) resolve();
    else process.send?.(message, undefined, undefined, () => resolve());
  });
}

export interface Channel {
  /** The metrics of all workers. */
  scrape(): Promise<string>;
}

/** Listens to the primary. @param onGone  the primary has ended */
export function openChannel(obey: (message: PrimaryMessage) => void, onGone: () => void): Channel {
  /** Those who wait for the metrics. */
  const scrapes = new Map<number, (text: string) => void>();
  let last = 0;
  process.on("disconnect", onGone);
  // It may have gone while this process was loading its code, before anybody listened.
  if (!process.connected) setImmediate(onGone);
  process.on("message", (message) => {
    if (!isPrimaryMessage(message)) return;
    if (message.drfAuth !== "scraped") return obey(message);
    scrapes.get(message.id)?.(message.text);
    scrapes.delete(message.id);
  });
  return {
    scrape: () =>
      new Promise((resolve) => {
        scrapes.set(++last, resolve);
        void tell({ drfAuth: "scrape", id: last });
      }),
  };
}
