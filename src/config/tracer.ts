/**
 * What every system is given to show its work as a span of a trace; without tracing it does the work and nothing else.
 *
 * Only the contract stands here, as that of the logger; `server/tracing.ts` gives it to OpenTelemetry. Attributes have no values of
 * SQL, no secrets and no query strings.
 */
export interface Tracer {
  /** Does work within a span; it ends with the work, and with the promise that the work gives. What it throws is noted. */
  span<T>(name: string, attributes: Readonly<Record<string, string | number>>, work: () => T): T;
}

/** No traces. */
export const noTracer: Tracer = Object.freeze<Tracer>({ span: (_name, _attributes, work) => work() });
