/** What is asked of an app: each action of each resource, and each method of each endpoint of one's own, read off what was compiled. */
import type { App } from "../app/index.ts";
import type { FieldMap } from "../model/index.ts";
import type { Endpoint, Resource } from "../resource/index.ts";

export interface Asked {
  /** `notes.create`, `notes.publish`, `echo.post`. */
  readonly name: string;
  readonly method: string;
  /** With `:pk` where it is about a row. */
  readonly path: string;
  /** Under which name samples for the body are given: the model's, or that of an action that is no CRUD. */
  readonly sampled: string;
  /** What the body holds; undefined where none is read. */
  readonly fields?: FieldMap;
  /** The resource that it is an action of. */
  readonly resource?: Resource;
  /** The list that shows rows, or a row. */
  readonly on?: "list" | "row";
  /** One of the five actions of every resource. */
  readonly isCrud: boolean;
}

const crud: readonly string[] = ["list", "create", "retrieve", "update", "partialUpdate", "delete"];

/** In the order of the declaration: resources, then endpoints. */
export function askedOf({ prefix, resources, endpoints }: App, compiled: readonly Endpoint[]): readonly Asked[] {
  const under = (name: string, resource?: Resource) =>
    compiled.filter(({ path, model }) =>
      resource ? path.startsWith(`${prefix}${name}/`) && model === resource.model : path === `${prefix}${name}/`,
    );
  const of = (name: string, resource?: Resource): Asked[] =>
    under(name, resource).flatMap(({ path, actions }) =>
      Object.entries(actions).flatMap(([method, action]): Asked | Asked[] => {
        // Of many rows each is asked what one is asked.
        if (action.takesArray) return [];
        const isCrud = resource !== undefined && crud.includes(action.name);
        const on = path.includes(":pk") ? "row" : isCrud && action.name === "list" ? "list" : undefined;
        const fields = method === "GET" ? undefined : action.input?.fields;
        const full = `${name}.${action.name}`;
        const sampled = isCrud ? resource.model.name : full;
        return { name: full, sampled, ...{ method, path, fields, resource, on, isCrud } };
      }),
    );
  const rank = ({ name, isCrud }: Asked): number =>
    isCrud ? crud.indexOf(name.slice(name.lastIndexOf(".") + 1)) : crud.length;
  return [
    ...Object.entries(resources).flatMap(([name, resource]) => of(name, resource).sort((a, b) => rank(a) - rank(b))),
    ...Object.keys(endpoints).flatMap((name) => of(name)),
  ];
}
