/**
 * What can be read at `/metrics`: one row a name, its kind, how the values of several workers become one, and what it is.
 *
 * Reference: Prometheus, "Metric and label naming"; units are seconds and bytes, counters end in `_total`.
 */

export interface Instrument {
  readonly type: "counter" | "gauge" | "histogram";
  /** Of several workers. */
  readonly together: "sum" | "max";
  readonly help: string;
}

const counter = (help: string): Instrument => ({ type: "counter", together: "sum", help });
const gauge = (help: string, together: "sum" | "max" = "sum"): Instrument => ({ type: "gauge", together, help });

export const instruments = {
  drf_auth_http_requests_total: counter("Answered requests, by pattern of the route, method and status."),
  drf_auth_http_request_duration_seconds: {
    ...{ type: "histogram", together: "sum" },
    help: "Time from the first line of a request to the end of its answer, by pattern of the route and method.",
  },
  drf_auth_http_requests_in_flight: gauge("Requests that are not answered yet."),
  drf_auth_event_loop_delay_seconds: gauge(
    "How late the event loop of the slowest worker was in the last second.",
    "max",
  ),
  drf_auth_worker_memory_bytes: gauge("Memory of all workers."),
  drf_auth_workers: gauge("Workers, by state."),
  drf_auth_workers_wanted: gauge("Workers that there should be."),
  drf_auth_worker_ends_total: counter("Workers that ended, by why: died, or drained as they were told to."),
  drf_auth_reloads_total: counter("Reloads, by whether they came to their end."),
  drf_auth_start_time_seconds: gauge("When the server was started, in seconds since 1970.", "max"),
  drf_auth_database_connections: gauge("Open connections to PostgreSQL, by whether they are busy."),
  drf_auth_database_waiting: gauge("Statements that wait for a connection to PostgreSQL."),
  drf_auth_password_hashes: gauge("Passwords that are hashed now, and those that wait for it."),
  drf_auth_throttled_total: counter("Requests that were refused because of their rate, by scope."),
  drf_auth_backup_time_seconds: gauge("When the newest backup of the schedule was made, in seconds since 1970.", "max"),
  drf_auth_auth_events_total: counter("Events of the audit log, by name."),
} as const satisfies Record<string, Instrument>;

export type InstrumentName = keyof typeof instruments;

/** Upper bounds of the buckets of durations, seconds; the last one has none. */
export const durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
