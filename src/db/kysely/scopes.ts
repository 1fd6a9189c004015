/**
 * What names mean in a query: its tables under the names that it gives them, subqueries and `with` among them, and what each selects.
 *
 * Reference: the scoping of SQL: a name is looked for in the query that it stands in, then in those around it.
 */
import {
  AliasNode,
  ColumnNode,
  DeleteQueryNode,
  IdentifierNode,
  InsertQueryNode,
  type OperationNode,
  ReferenceNode,
  SelectAllNode,
  SelectionNode,
  SelectQueryNode,
  TableNode,
  UpdateQueryNode,
} from "kysely";
import type { Dialect } from "../database.ts";
import type { Column, Columns, Source } from "./tables.ts";
import { type Lookups, type Value, valueGiven } from "./values.ts";

/** A query that has tables. */
export type QueryNode = SelectQueryNode | InsertQueryNode | UpdateQueryNode | DeleteQueryNode;

export const isQueryNode = (node: OperationNode): node is QueryNode =>
  SelectQueryNode.is(node) || InsertQueryNode.is(node) || UpdateQueryNode.is(node) || DeleteQueryNode.is(node);

/** A table as the query names it. */
interface Named {
  /** Its name in SQL. */
  readonly name: string;
  readonly columns: Columns;
  /** It is none of the tables that `*` stands for. */
  readonly isApart?: true;
}

export interface Scope {
  readonly tables: ReadonlyMap<string, Named>;
  /** Queries of WITH, by name. */
  readonly ctes: ReadonlyMap<string, Columns>;
  readonly outer: Scope | undefined;
}

const noColumns: Columns = new Map();

/** What a selected expression is called, and how it is read. */
export interface Selected extends Value {
  readonly name: string;
  readonly node: SelectionNode;
}

export class Scopes {
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #dialect: Dialect;

  constructor(sources: ReadonlyMap<string, Source>, dialect: Dialect) {
    this.#sources = sources;
    this.#dialect = dialect;
  }

  /** The declared table of a name, unless a WITH has taken it. */
  source(name: string, scope: Scope | undefined): Source | undefined {
    return cteIn(scope, name) ? undefined : this.#sources.get(name);
  }

  /** The scope of a query within another. */
  of(node: QueryNode, outer: Scope | undefined): Scope {
    const tables = new Map<string, Named>();
    const ctes = new Map<string, Columns>();
    const scope: Scope = { tables, ctes, outer };
    for (const { name, expression } of node.with?.expressions ?? []) {
      const columns = isQueryNode(expression) ? this.#columnsOf(expression, scope) : noColumns;
      ctes.set(nameOf(name.table), name.columns ? renamed(columns, name.columns) : columns);
    }
    /** What is read from is known by its name in the query, what is written to by that in the database. */
    const add = (item: OperationNode | undefined, isWritten = false): void => {
      if (item === undefined) return;
      const inner = AliasNode.is(item) ? item.node : item;
      const table = TableNode.is(inner) ? nameOf(inner) : undefined;
      const alias = AliasNode.is(item) && IdentifierNode.is(item.alias) ? item.alias.name : undefined;
      const known = alias ?? table;
      if (known === undefined) return;
      const source = table === undefined ? undefined : this.source(table, scope);
      const derived = () => (isQueryNode(inner) ? this.#columnsOf(inner, scope) : noColumns);
      const columns = source?.columns ?? (table === undefined ? derived() : (cteIn(scope, table) ?? noColumns));
      tables.set(known, { name: isWritten && alias === undefined && source ? source.table : known, columns });
    };
    if (InsertQueryNode.is(node)) {
      add(node.into, true);
      const [into] = tables.values();
      if (into) tables.set("excluded", { name: "excluded", columns: into.columns, isApart: true });
      return scope;
    }
    if (UpdateQueryNode.is(node)) add(node.table, true);
    for (const item of node.from?.froms ?? []) add(item);
    if (DeleteQueryNode.is(node)) for (const item of node.using?.tables ?? []) add(item);
    for (const { table } of node.joins ?? []) add(table);
    return scope;
  }

  /** What a query selects, or returns of what it writes: `*` as the columns that it stands for, each under its name. */
  selected(node: QueryNode, scope: Scope): readonly Selected[] {
    const selections = SelectQueryNode.is(node) ? node.selections : node.returning?.selections;
    return (selections ?? []).flatMap((selection) => this.#expanded(selection, scope));
  }

  #expanded(node: SelectionNode, scope: Scope): readonly Selected[] {
    const { selection } = node;
    if (SelectAllNode.is(selection))
      return [...scope.tables].flatMap(([name, { isApart }]) => (isApart ? [] : everyColumn(name, scope)));
    if (ReferenceNode.is(selection)) {
      const { column, table } = selection;
      if (SelectAllNode.is(column)) return everyColumn(table ? nameOf(table) : "", scope);
      const { name } = column.column;
      return [{ name, ...this.value(selection, scope), node: under(name, selection) }];
    }
    const name = AliasNode.is(selection) && IdentifierNode.is(selection.alias) ? selection.alias.name : undefined;
    if (name === undefined) throw new TypeError('expected a name for what is selected, such as .as("total")');
    return [{ name, ...this.value(selection, scope), node }];
  }

  /** What an expression gives in a scope. */
  value(node: OperationNode | undefined, scope: Scope | undefined): Value | undefined {
    const lookups: Lookups = {
      dialect: this.#dialect,
      reference: (reference) => columnAt(reference, scope)?.column,
      subquery: (query) => this.selected(query, this.of(query, scope))[0],
    };
    const value = valueGiven(node, lookups);
    return value && { format: value.format, kind: value.kind, places: value.places };
  }

  #columnsOf(node: QueryNode, outer: Scope): Columns {
    const selected = this.selected(node, this.of(node, outer));
    return new Map(selected.map(({ node, name, ...value }) => [name, { column: name, ...value }]));
  }
}

/** Columns under the names that a WITH gives them, by their place. */
function renamed(columns: Columns, names: readonly ColumnNode[]): Columns {
  const given = [...columns.values()];
  return new Map(names.map(({ column: { name } }, i) => [name, { ...given[i], column: name }]));
}

const under = (name: string, node: OperationNode): SelectionNode =>
  SelectionNode.create(AliasNode.create(node, IdentifierNode.create(name)) as SelectionNode["selection"]);

function everyColumn(table: string, { tables }: Scope): readonly Selected[] {
  const columns = tables.get(table)?.columns;
  if (!columns?.size) throw new TypeError(`the columns of "${table}" are not known; expected their names`);
  return Array.from(columns, ([name, { column, ...value }]) => ({
    ...{ name, ...value },
    node: under(name, ReferenceNode.create(ColumnNode.create(name), TableNode.create(table))),
  }));
}

export const nameOf = ({ table }: TableNode): string => table.identifier.name;

function cteIn(scope: Scope | undefined, name: string): Columns | undefined {
  for (let at = scope; at; at = at.outer) {
    const columns = at.ctes.get(name);
    if (columns) return columns;
  }
  return undefined;
}

/** The column that a reference means, and its table's name in SQL where the reference has one. */
export function columnAt(
  { column, table }: Pick<ReferenceNode, "column" | "table">,
  scope: Scope | undefined,
): { readonly column: Column; readonly table: string | undefined } | undefined {
  if (!ColumnNode.is(column)) return undefined;
  const { name } = column.column;
  for (let at = scope; at; at = at.outer) {
    for (const [known, { name: inSql, columns }] of at.tables) {
      const found = table === undefined || nameOf(table) === known ? columns.get(name) : undefined;
      if (found) return { column: found, table: table && inSql };
    }
  }
  return undefined;
}
