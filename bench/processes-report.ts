/** What `processes.ts` measured, as tables for people and as a picture for the guide. */
import type { Kind, ProcessesResult } from "./processes.ts";

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

/** Tables in Markdown. */
export function toProcessTables({ throughput, memory, reloads }: ProcessesResult): string {
  const counts = [...new Set(throughput.map(({ workers }) => workers))];
  const rate = (kind: Kind, count: number): string =>
    whole(throughput.find((one) => one.kind === kind && one.workers === count)?.requestsPerSecond ?? 0);
  return [
    "| workers | computing, requests/s | waiting, requests/s |",
    "| ---: | ---: | ---: |",
    ...counts.map((count) => `| ${count} | ${rate("computing", count)} | ${rate("waiting", count)} |`),
    "",
    "| requests answered by two workers | memory of one |",
    "| ---: | ---: |",
    ...memory.map(({ requests, bytes }) => `| ${whole(requests)} | ${megabytes(bytes)} |`),
    "",
    "| workers reloaded | seconds until all are new | answered meanwhile and around | failed or reset |",
    "| ---: | ---: | ---: | ---: |",
    ...reloads.map(
      ({ workers, seconds, answered }) => `| ${workers} | ${seconds.toFixed(1)} | ${whole(answered)} | 0 |`,
    ),
    "",
  ].join("\n");
}

const width = 640;
const height = 300;
const [left, right, top, bottom] = [70, 500, 50, 250];

const style = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .axis { stroke: #d1d9e0; }
  polyline { fill: none; stroke-width: 2.5; }
  .computing { stroke: #0a7d4f; } .waiting { stroke: #b35c00; stroke-dasharray: 6 4; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .axis { stroke: #3d444d; }
    .computing { stroke: #3fb984; } .waiting { stroke: #e09b4a; }
  }`;

/** Draws requests a second against the number of workers, each kind as a share of its best. @param cores  of the machine */
export function toWorkersChart({ throughput }: ProcessesResult, cores: number): string {
  const most = Math.max(...throughput.map(({ workers }) => workers));
  const x = (workers: number): number => left + ((workers - 1) / (most - 1)) * (right - left);
  const y = (share: number): number => bottom - share * (bottom - top);
  const lines = (["computing", "waiting"] as const).map((kind) => {
    const own = throughput.filter((one) => one.kind === kind);
    const best = Math.max(...own.map(({ requestsPerSecond }) => requestsPerSecond));
    const points = own.map(({ workers, requestsPerSecond }) => [x(workers), y(requestsPerSecond / best)] as const);
    const label = y((own.at(-1)?.requestsPerSecond ?? 0) / best) + (kind === "computing" ? 16 : -4);
    return `<polyline class="${kind}" points="${points.map((point) => point.map(Math.round).join(",")).join(" ")}"/>
<text x="${right + 10}" y="${Math.round(label)}">${kind}, ${whole(best)}/s</text>`;
  });
  const ticks = [...new Set(throughput.map(({ workers }) => workers))].map(
    (workers) => `<text x="${Math.round(x(workers))}" y="${bottom + 20}" text-anchor="middle">${workers}</text>`,
  );
  const shares = [0, 0.5, 1].map(
    (share) => `<line class="axis" x1="${left}" x2="${right}" y1="${y(share)}" y2="${y(share)}"/>
<text x="${left - 8}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`,
  );
  const title = `Requests a second by number of workers, on ${cores} cores`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<style>${style}
</style>
<text class="title" x="16" y="28">${title}</text>
${[...shares, ...ticks, ...lines].join("\n")}
<text x="${(left + right) / 2}" y="${bottom + 40}" text-anchor="middle">workers</text>
</svg>
`;
}
