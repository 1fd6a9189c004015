/** What operations share, each under its name. */
import type { Header, Parameter, Reference, Response, Schema } from "./document.ts";
import { freeName } from "./names.ts";

interface Kinds {
  readonly schemas: Schema;
  readonly responses: Response;
  readonly parameters: Parameter;
  readonly headers: Header;
}

type Kind = keyof Kinds;

export interface Components {
  /** Refers to a component; the same name for something else gets a number. */
  refer<K extends Kind>(kind: K, name: string, component: Kinds[K]): Reference;
  /** Every component, in the order of the names. */
  all<K extends Kind>(kind: K): Readonly<Record<string, Kinds[K]>>;
}

export function createComponents(): Components {
  const known: { readonly [K in Kind]: Map<string, Kinds[K]> } = {
    schemas: new Map(),
    responses: new Map(),
    parameters: new Map(),
    headers: new Map(),
  };
  return {
    refer(kind, name, component) {
      const of: Map<string, Kinds[typeof kind]> = known[kind];
      const text = JSON.stringify(component);
      const isOther = (other: string): boolean => of.has(other) && JSON.stringify(of.get(other)) !== text;
      const free = freeName(name, isOther);
      of.set(free, component);
      return { $ref: `#/components/${kind}/${free}` };
    },
    all: (kind) => Object.fromEntries([...known[kind]].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
