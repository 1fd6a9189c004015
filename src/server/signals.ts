/** Signals of this process while something runs in it. */

/**
 * Calls a handler for each signal that comes.
 *
 * @returns a function that takes the handlers away
 * @example
 * const release = onSignals({ SIGTERM: stop, SIGINT: stop });
 */
export function onSignals(handlers: Readonly<Partial<Record<NodeJS.Signals, () => void>>>): () => void {
  const entries = Object.entries(handlers);
  for (const [signal, handler] of entries) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of entries) process.off(signal, handler);
  };
}
