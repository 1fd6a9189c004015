/**
 * Finding rows of a list: the box for a search, an input for each declared filter, and what is asked now, to be taken away again.
 *
 * A form of query parameters, so that every list that somebody finds has a URL.
 */
import {
  type Context,
  type FilterParameter,
  isObject,
  type OfferedParameters,
  type Result,
} from "../resource/index.ts";
import { columnsParameter } from "./columns.ts";
import { type Findings, findingsOf, nothingFound } from "./findings.ts";
import { type Content, html, type Safe } from "./html.ts";
import { lookUp } from "./look-up.ts";
import type { Showing } from "./values.ts";

/** The form; nothing where a list can be asked nothing. */
export function filterForm(showing: Showing, result: Result, context: Context): Content {
  const { parameters } = context.endpoint;
  if (!parameters || (parameters.search.length === 0 && parameters.filters.length === 0)) return undefined;
  const { request } = context;
  const { query, path } = request;
  const names = parameters.filters.map(({ name }) => name);
  const findings =
    result.status === 400 && isObject(result.data)
      ? findingsOf(result.data, Object.fromEntries(["search", ...names].map((name) => [name, undefined])))
      : nothingFound;
  const isWrong = names.some((name) => findings.byField.has(name));
  const asked = names.filter((name) => query.get(name)).length;
  const dropped = new Set([...names, "search", columnsParameter, positionOf(parameters)]);
  const kept = [...query.names()].filter((name) => !dropped.has(name));
  return html`<form class="find" method="get" action="${path}" role="search">
${kept.flatMap((name) => query.all(name).map((value) => html`<input type="hidden" name="${name}" value="${value}">`))}
${parameters.search.length > 0 && searchBox(query.get("search") ?? "", findings)}
${
  parameters.filters.length > 0 &&
  html`<details class="filters"${isWrong && html` open`}>
<summary class="button">Filters${asked > 0 && html` <span class="badge">${asked}</span>`}</summary>
<div class="filter-fields">
${parameters.filters.map((parameter) => filterField(showing, parameter, query.all(parameter.name), findings))}
</div>
<p class="submit"><button class="button solid" type="submit">Apply</button> <a class="button" href="${path}${query.with(nothingAsked(parameters))}">Clear</a></p>
</details>`
}
</form>`;
}

/** Changes to the query that leave every row, from the first page on. */
export const nothingAsked = (parameters: OfferedParameters): Record<string, null> =>
  Object.fromEntries(
    ["search", positionOf(parameters), ...parameters.filters.map(({ name }) => name)].map((name) => [name, null]),
  );

/** The parameter that says which page is shown. */
export const positionOf = ({ pagination: { kind, parameters } }: OfferedParameters): string =>
  kind === "limitOffset" ? "offset" : (parameters[0]?.name ?? "page");

/** What is asked now: each a link to the list without it. */
export function askedChips({ nameOf }: Showing, { endpoint: { parameters }, request }: Context): Content {
  if (!parameters) return undefined;
  const { query, path } = request;
  const asked = (name: string): string[] => query.all(name).filter((value) => value !== "");
  const words = asked("search");
  const filters = parameters.filters.flatMap(({ name, label, kind, arity, target, choices }) => {
    const offered = kind === "boolean" ? yesOrNo : choices;
    const shown = (value: string): string =>
      (kind === "key" && target && nameOf(target, value)) ||
      String(offered?.find(([option]) => String(option) === value)?.[1] ?? value);
    const values = kind === "key" ? keysOf(asked(name), arity) : asked(name);
    return values.length === 0 ? [] : [{ name, label, value: values.map(shown).join(", ") }];
  });
  const chips = [
    ...(words.length > 0 ? [{ name: "search", label: "Search", value: words.join(", ") }] : []),
    ...filters,
  ];
  if (chips.length === 0) return undefined;
  const without = (name: string): string => query.with({ [name]: null, [positionOf(parameters)]: null });
  return html`<ul class="chips" aria-label="Asked for">${chips.map(
    ({ name, label, value }) =>
      html`<li><a href="${path}${without(name)}"><span>${label}: <b>${value}</b></span><span class="visually-hidden"> – remove</span><span class="cross" aria-hidden="true">×</span></a></li>`,
  )}</ul>`;
}

/** The keys that a filter names, of which some take several; a key that is a text may have a comma. */
const keysOf = (values: readonly string[], arity: FilterParameter["arity"]): string[] =>
  values.flatMap((value) => (arity === "one" ? value : value.split(","))).filter((key) => key !== "");

const searchBox = (value: string, { byField }: Findings): Safe => html`<div class="search">
<label class="visually-hidden" for="search">Search</label>
<input type="search" id="search" name="search" value="${value}" placeholder="Search"${byField.has("search") && html` aria-invalid="true" aria-describedby="search-errors"`}>
<button class="button" type="submit">Search</button>
${byField.has("search") && html`<ul class="errors" id="search-errors"><li>${byField.get("search")?.join(" ")}</li></ul>`}
</div>`;

function filterField(
  showing: Showing,
  parameter: FilterParameter,
  values: readonly string[],
  { byField }: Findings,
): Safe {
  const { name, label, arity, kind, target } = parameter;
  const id = `filter-${name}`;
  const errors = byField.get(name);
  const isMany = arity === "list";
  const found = kind === "key" ? lookUp(showing, target, keysOf(values, arity), isMany) : undefined;
  const hint =
    arity === "list" ? "Separated by commas." : arity === "pair" ? "Two values, separated by a comma." : undefined;
  const described = [hint !== undefined && `${id}-hint`, errors && `${id}-errors`].filter(Boolean).join(" ");
  const attributes = html` id="${id}" name="${name}"${described !== "" && html` aria-describedby="${described}"`}${errors && html` aria-invalid="true"`}${found?.attributes}`;
  return html`<div class="field">
<label for="${id}">${label}</label>
<div class="control">
${control(parameter, values, attributes)}
${errors && html`<ul class="errors" id="${id}-errors">${errors.map((sentence) => html`<li>${sentence}</li>`)}</ul>`}
${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}
</div>
</div>`;
}

function control({ kind, arity, choices }: FilterParameter, values: readonly string[], attributes: Safe): Safe {
  const value = values.at(-1) ?? "";
  const options = kind === "boolean" ? yesOrNo : arity === "one" ? choices : undefined;
  if (options)
    return html`<select${attributes}><option value="">any</option>${options.map(
      ([option, text]) =>
        html`<option value="${option}"${String(option) === value && html` selected`}>${text}</option>`,
    )}</select>`;
  if (arity !== "one") return html`<input type="text"${attributes} value="${values.join(",")}">`;
  // What its control could not show would be lost: it stays a text then.
  const type = value === "" || typeOf[kind]?.reads.test(value) ? (typeOf[kind]?.type ?? "text") : "text";
  const step =
    type === "number"
      ? html` step="${kind === "integer" ? "1" : "any"}"`
      : /^(datetime-local|time)$/.test(type) && html` step="1"`;
  return html`<input type="${type}"${attributes} value="${value}"${step}>`;
}

const yesOrNo = [
  ["true", "yes"],
  ["false", "no"],
] as const;

const numeric = { type: "number", reads: /^-?\d+(\.\d+)?$/ };
const typeOf: Readonly<Partial<Record<FilterParameter["kind"], { readonly type: string; readonly reads: RegExp }>>> = {
  number: numeric,
  integer: numeric,
  date: { type: "date", reads: /^\d{4}-\d\d-\d\d$/ },
  time: { type: "time", reads: /^\d\d:\d\d(:\d\d)?$/ },
  datetime: { type: "datetime-local", reads: /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/ },
};
