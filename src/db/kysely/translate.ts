/**
 * A Kysely query in the words of the models, made one of the database: tables and columns get their names there, values that are
 * compared or written get the format of their column, and it is noted how each selected column is read.
 *
 * Kysely's queries are trees of nodes (its own plugins work in the same way). What is no name of a table or field is left alone, so text
 * of one's own (`sql`) is passed through.
 */
import {
  AliasNode,
  AndNode,
  BinaryOperationNode,
  type CaseNode,
  CastNode,
  ColumnNode,
  type ColumnUpdateNode,
  type CommonTableExpressionNameNode,
  DataTypeNode,
  type DeleteQueryNode,
  type FromNode,
  type FunctionNode,
  IdentifierNode,
  type InsertQueryNode,
  type JoinNode,
  type OperationNode,
  OperationNodeTransformer,
  OperatorNode,
  ParensNode,
  PrimitiveValueListNode,
  ReferenceNode,
  ReturningNode,
  type RootOperationNode,
  SelectionNode,
  type SelectModifierNode,
  SelectQueryNode,
  TableNode,
  TupleNode,
  type UpdateQueryNode,
  type UsingNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
  type WithNode,
} from "kysely";
import type { Dialect } from "../database.ts";
import type { Format } from "../formats.ts";
import { builder } from "../statement.ts";
import { columnAt, isQueryNode, nameOf, type QueryNode, type Scope, Scopes } from "./scopes.ts";
import type { Columns, Source } from "./tables.ts";
import { arithmetic, isPassing } from "./values.ts";

/** A selected column: its name in the row, and how it is read. */
export interface Output {
  readonly name: string;
  readonly format?: Format;
}

export interface Translated {
  readonly node: RootOperationNode;
  readonly outputs: readonly Output[];
}

/** @throws TypeError  something is selected that has no name, or `*` of what has no known columns */
export function translate(node: RootOperationNode, sources: ReadonlyMap<string, Source>, dialect: Dialect): Translated {
  if (!isQueryNode(node) || node.explain) throw new TypeError("expected a select, insert, update or delete");
  const scopes = new Scopes(sources, dialect);
  const outputs = scopes.selected(node, scopes.of(node, undefined));
  return { node: new Translator(scopes, dialect).transformNode(node), outputs };
}

/** Operators whose right side is a pattern, a path or a number, and no value of the column on the left. */
const otherValues = /like|~|regexp|match|->|@|\?|\^|<<|>>/;

class Translator extends OperationNodeTransformer {
  readonly #scopes: Scopes;
  readonly #dialect: Dialect;
  #scope: Scope | undefined;
  /** Queries of models: they are SQL's already. */
  readonly #done = new WeakSet<OperationNode>();

  constructor(scopes: Scopes, dialect: Dialect) {
    super();
    this.#scopes = scopes;
    this.#dialect = dialect;
  }

  override transformNode<T extends OperationNode | undefined>(node: T): T {
    return node && this.#done.has(node) ? node : super.transformNode(node);
  }

  protected override transformSelectQuery(node: SelectQueryNode): SelectQueryNode {
    // SQLite knows no locks on rows, and needs none: a transaction is its only writer.
    const isLock = (modifier: SelectModifierNode): boolean => modifier.modifier !== undefined;
    const endModifiers =
      this.#dialect === "sqlite" ? node.endModifiers?.filter((one) => !isLock(one)) : node.endModifiers;
    return this.#within(node, (selections, names) => {
      // A bare name that the query orders by is first of all one of what it selects.
      for (const { orderBy } of node.orderBy?.items ?? [])
        if (ReferenceNode.is(orderBy) && !orderBy.table && names.has(nameOfColumn(orderBy))) this.#done.add(orderBy);
      return super.transformSelectQuery({ ...node, selections, endModifiers });
    });
  }

  protected override transformUpdateQuery(node: UpdateQueryNode): UpdateQueryNode {
    return this.#within(node, (selections) =>
      super.transformUpdateQuery({ ...node, returning: selections && ReturningNode.create(selections) }),
    );
  }

  protected override transformDeleteQuery(node: DeleteQueryNode): DeleteQueryNode {
    return this.#within(node, (selections) =>
      super.transformDeleteQuery({ ...node, returning: selections && ReturningNode.create(selections) }),
    );
  }

  protected override transformInsertQuery(node: InsertQueryNode): InsertQueryNode {
    return this.#within(node, (selections) => {
      const formats = (node.columns ?? []).map((column) => columnAt({ column }, this.#scope)?.column.format);
      const values = node.values && inserted(node.values, formats);
      return super.transformInsertQuery({ ...node, values, returning: selections && ReturningNode.create(selections) });
    });
  }

  /** Does a query in a scope of its own, with what it selects spelled out. */
  #within<N extends QueryNode>(
    node: N,
    transform: (selections: SelectQueryNode["selections"], names: ReadonlySet<string | undefined>) => N,
  ): N {
    const outer = this.#scope;
    this.#scope = this.#scopes.of(node, outer);
    try {
      const selected = this.#scopes.selected(node, this.#scope);
      const names = new Set(selected.map(({ name }) => name));
      return transform(selected.length > 0 ? selected.map((one) => one.node) : undefined, names);
    } finally {
      this.#scope = outer;
    }
  }

  protected override transformFrom(node: FromNode): FromNode {
    return super.transformFrom({ ...node, froms: node.froms.map((item) => this.#named(item)) });
  }

  protected override transformUsing(node: UsingNode): UsingNode {
    return super.transformUsing({ ...node, tables: node.tables.map((item) => this.#named(item)) });
  }

  protected override transformJoin(node: JoinNode): JoinNode {
    return super.transformJoin({ ...node, table: this.#named(node.table) });
  }

  /** A table that is read, under the name that the query has for it. */
  #named(item: OperationNode): OperationNode {
    const table = AliasNode.is(item) ? item.node : item;
    if (!TableNode.is(table)) return item;
    const name = nameOf(table);
    const source = this.#scopes.source(name, this.#scope);
    if (!source) return item;
    const alias = AliasNode.is(item) ? item.alias : IdentifierNode.create(name);
    if (!source.from) return AliasNode.create(table, alias);
    const rows = source.from(builder(this.#dialect)).toOperationNode();
    this.#done.add(rows);
    return AliasNode.create(rows, alias);
  }

  protected override transformTable(node: TableNode): TableNode {
    const source = this.#scopes.source(nameOf(node), this.#scope);
    return source ? TableNode.create(source.table) : node;
  }

  protected override transformReference(node: ReferenceNode): ReferenceNode {
    const found = columnAt(node, this.#scope);
    if (!found) return node;
    const { column, table } = found;
    return ReferenceNode.create(
      ColumnNode.create(column.column),
      table === undefined ? undefined : TableNode.create(table),
    );
  }

  /** Of a write: the columns that it names. */
  protected override transformColumn(node: ColumnNode): ColumnNode {
    const found = columnAt({ column: node }, this.#scope);
    return found ? ColumnNode.create(found.column.column) : node;
  }

  /** Each query of a WITH sees those before it, itself where it is recursive, and nothing of the query that it stands before. */
  protected override transformWith(node: WithNode): WithNode {
    const scope = this.#scope;
    const known = new Map<string, Columns>();
    const expressions = node.expressions.map((expression) => {
      const name = nameOf(expression.name.table);
      const columns = scope?.ctes.get(name) ?? new Map();
      this.#scope = { tables: new Map(), ctes: new Map(known), outer: scope?.outer };
      if (node.recursive) this.#scope = { ...this.#scope, ctes: new Map(known).set(name, columns) };
      known.set(name, columns);
      return this.transformNode(expression);
    });
    this.#scope = scope;
    return { ...node, expressions };
  }

  /** The columns of a WITH are named by it. */
  protected override transformCommonTableExpressionName(
    node: CommonTableExpressionNameNode,
  ): CommonTableExpressionNameNode {
    return node;
  }

  protected override transformBinaryOperation(node: BinaryOperationNode): BinaryOperationNode {
    const { leftOperand, operator, rightOperand } = node;
    const name = OperatorNode.is(operator) ? operator.operator : "";
    if ((name === "in" || name === "not in") && isEmptyList(rightOperand)) return plainly(name === "not in");
    if (otherValues.test(name)) return super.transformBinaryOperation(node);
    const given = arithmetic.has(name) ? this.#scopes.value(node, this.#scope)?.kind : undefined;
    // A span is multiplied by a number.
    if (given === "duration" && !/[+-]/.test(name)) return super.transformBinaryOperation(node);
    const left = this.#comparedTo(leftOperand, rightOperand);
    return super.transformBinaryOperation({
      ...node,
      // SQLite stores 12.00 as the whole number 12, and of whole numbers it divides the whole.
      leftOperand:
        name === "/" && given === "decimal" && this.#dialect === "sqlite"
          ? CastNode.create(left, DataTypeNode.create("real"))
          : left,
      rightOperand: this.#comparedTo(rightOperand, leftOperand),
    });
  }

  protected override transformCase(node: CaseNode): CaseNode {
    const { value } = node;
    if (!value) return super.transformCase(node);
    const when = node.when?.map((one) => ({ ...one, condition: this.#comparedTo(one.condition, value) }));
    return super.transformCase({ ...node, when });
  }

  protected override transformFunction(node: FunctionNode): FunctionNode {
    if (!isPassing(node.func)) return super.transformFunction(node);
    const format = this.#scopes.value(node, this.#scope)?.format;
    return super.transformFunction({ ...node, arguments: node.arguments.map((each) => written(each, format)) });
  }

  protected override transformColumnUpdate(node: ColumnUpdateNode): ColumnUpdateNode {
    const reference = ReferenceNode.is(node.column) ? node.column : undefined;
    const column = reference ?? (ColumnNode.is(node.column) ? { column: node.column } : undefined);
    const format = column && columnAt(column, this.#scope)?.column.format;
    return super.transformColumnUpdate({ ...node, value: written(node.value, format) });
  }

  /** An operand whose values have the format of what they are compared with. */
  #comparedTo(operand: OperationNode, other: OperationNode): OperationNode {
    if (!TupleNode.is(other)) return written(operand, this.#scopes.value(other, this.#scope)?.format);
    const formats = other.values.map((each) => this.#scopes.value(each, this.#scope)?.format);
    const each = (tuple: OperationNode): OperationNode =>
      TupleNode.is(tuple) ? TupleNode.create(tuple.values.map((value, i) => written(value, formats[i]))) : tuple;
    return ValueListNode.is(operand) ? ValueListNode.create(operand.values.map(each)) : each(operand);
  }
}

/** What is inserted: rows of values, or what a query selects, and those united with it. */
function inserted(node: OperationNode, formats: readonly (Format | undefined)[]): OperationNode {
  if (ValuesNode.is(node)) return ValuesNode.create(node.values.map((row) => eachWritten(row, formats) as typeof row));
  if (!SelectQueryNode.is(node)) return node;
  const selections = node.selections?.map(({ selection }, i) =>
    SelectionNode.create(written(selection, formats[i]) as SelectionNode["selection"]),
  );
  const setOperations = node.setOperations?.map((one) => ({ ...one, expression: inserted(one.expression, formats) }));
  const select: SelectQueryNode = { ...node, selections, setOperations };
  return select;
}

/** A row of values to insert. */
function eachWritten(row: OperationNode, formats: readonly (Format | undefined)[]): OperationNode {
  if (PrimitiveValueListNode.is(row))
    return PrimitiveValueListNode.create(row.values.map((value, i) => valueFor(value, formats[i])));
  return ValueListNode.is(row) ? ValueListNode.create(row.values.map((each, i) => written(each, formats[i]))) : row;
}

/** The values of a node in the format of a column. */
function written(node: OperationNode, format: Format | undefined): OperationNode {
  if (!format) return node;
  if (ValueNode.is(node)) return node.immediate ? node : ValueNode.create(valueFor(node.value, format));
  if (PrimitiveValueListNode.is(node))
    return PrimitiveValueListNode.create(node.values.map((value) => valueFor(value, format)));
  if (ValueListNode.is(node)) return ValueListNode.create(node.values.map((each) => written(each, format)));
  if (ParensNode.is(node)) return ParensNode.create(written(node.node, format));
  if (AliasNode.is(node)) return AliasNode.create(written(node.node, format), node.alias);
  // The bounds of BETWEEN.
  return AndNode.is(node) ? AndNode.create(written(node.left, format), written(node.right, format)) : node;
}

const valueFor = (value: unknown, format: Format | undefined): unknown =>
  value === null || value === undefined || !format ? value : format.toColumn(value);

const nameOfColumn = ({ column }: ReferenceNode): string | undefined =>
  ColumnNode.is(column) ? column.column.name : undefined;

const isEmptyList = (node: OperationNode): boolean =>
  (PrimitiveValueListNode.is(node) || ValueListNode.is(node)) && node.values.length === 0;

/** True or false in every SQL. */
const plainly = (isTrue: boolean): BinaryOperationNode =>
  BinaryOperationNode.create(
    ValueNode.createImmediate(isTrue ? 1 : 0),
    OperatorNode.create("="),
    ValueNode.createImmediate(1),
  );
