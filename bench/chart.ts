/**
 * The results as pictures: one group of bars a row, one bar a server, its length the share of the limit, or of nginx for static files.
 *
 * Used by `run.ts` for `docs/images/bench.svg` and `static.svg`. Plain SVG with its colours in a style sheet, so that it is readable on a
 * light page and on a dark one.
 */
import type { PeerId } from "./peers.ts";
import { type PeerResult, type Report, type RowResult, ratioTo } from "./report.ts";

const width = 800;
const barsFrom = 260;
const barsTo = 640;
const barHeight = 18;
const barStep = 26;
const groupGap = 46;
const top = 58;

const style = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .group { font-weight: 600; }
  .note { font-size: 11px; fill: #59636e; }
  .limit { fill: #b6bec7; } .nginx { fill: #7d8794; } .drf-auth { fill: #0a7d4f; } .django { fill: #b35c00; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .note { fill: #9198a1; }
    .limit { fill: #59636e; } .nginx { fill: #8b949e; } .drf-auth { fill: #3fb984; } .django { fill: #e09b4a; }
  }`;

/** Draws the share of the limit that each server reaches in answers of the API; by CPU a request, or by requests/s where CPU is not known. */
export const toChart = ({ results, ...report }: Report): string =>
  draw({ ...report, results: results.filter(({ row }) => !row.isStatic) }, { measure: "limit", name: "the limit" });

/** Draws the share of nginx that each server reaches with static files. */
export const toStaticChart = ({ results, ...report }: Report): string =>
  draw({ ...report, results: results.filter(({ row }) => row.isStatic) }, { measure: "nginx", name: "nginx" });

interface Measure {
  /** Whose share the bars are. */
  readonly measure: PeerId;
  readonly name: string;
}

function draw({ results, machine }: Report, { measure: to, name }: Measure): string {
  const groups: string[] = [];
  let y = top;
  for (const result of results) {
    groups.push(`<text class="group" x="16" y="${y + 4}">${escaped(result.row.title)}</text>`);
    result.peers.forEach((one, i) => {
      groups.push(toBar(one, result, to, y + 16 + i * barStep));
    });
    y += result.peers.length * barStep + groupGap;
  }
  const height = y;
  const measure = results.every(({ peers }) => peers.every(({ median }) => median.cpuMicroseconds !== undefined))
    ? "by CPU time a request"
    : "by requests a second";
  const title = `Share of ${name}, ${measure}: longer is better`;
  const note = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.date}. ${to === "nginx" ? "Same files, same answers, one worker each." : "Same database, same answers, two workers each."}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<style>${style}
</style>
<text class="title" x="16" y="28">${title}</text>
${groups.join("\n")}
<text class="note" x="16" y="${height - 14}">${escaped(note)}</text>
</svg>
`;
}

function toBar(one: PeerResult, result: RowResult, to: PeerId, y: number): string {
  const ratio = ratioTo(to, one, result);
  const share = ratio?.byCpu ?? ratio?.byRate ?? 0;
  const length = Math.max(2, Math.min(share, 1.1) * (barsTo - barsFrom)).toFixed(0);
  const label = share >= 0.1 ? share.toFixed(2) : share.toPrecision(2);
  const cpu = one.median.cpuMicroseconds;
  const absolute = cpu === undefined ? "" : ` (${Math.round(cpu).toLocaleString("en-US")} µs)`;
  const middle = y + barHeight - 4;
  return `<text x="${barsFrom - 10}" y="${middle}" text-anchor="end">${escaped(one.title)}</text>
<rect class="${one.id}" x="${barsFrom}" y="${y}" width="${length}" height="${barHeight}" rx="2"/>
<text x="${barsFrom + Number(length) + 8}" y="${middle}">${label}${absolute}</text>`;
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
