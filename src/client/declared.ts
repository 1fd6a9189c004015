/**
 * What a resource takes and gives over the wire, as types that are read off its declaration: no file is generated, and nothing of
 * the server is loaded.
 */
import type { Field, FieldMap, Input, Model, Row, ValueOfField } from "../model/index.ts";
import type { Download, Output, OutputOf, OwnEndpoint, Resource } from "../resource/index.ts";

/** The parts of an app that a client's types are read off: `typeof app` is one. */
export interface DeclaredApp {
  readonly resources: { readonly [name: string]: Resource };
  readonly endpoints: { readonly [name: string]: OwnEndpoint };
}

export type ModelOf<R> = R extends Resource<infer M, infer _> ? M : never;
export type DeclarationOf<R> = R extends Resource<Model, infer D> ? D : never;

type ExtraOf<D> = D extends { readonly extra: infer Extra extends FieldMap } ? Extra : Record<never, never>;
type Known<R> = Omit<ModelOf<R>["fields"], keyof ExtraOf<DeclarationOf<R>>> & ExtraOf<DeclarationOf<R>>;

/** The fields of a resource, extra ones among them: those that `fields` names, or all. */
export type FieldsOf<R> = {
  readonly [Name in DeclarationOf<R> extends { readonly fields: readonly (infer N)[] }
    ? Extract<keyof Known<R>, N>
    : keyof Known<R>]: Known<R>[Name] extends Field ? Known<R>[Name] : never;
};

type WriteOnlyNames<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends { readonly options: { readonly writeOnly: true } } ? Name : never;
}[keyof Fields];
type ReadOnlyNames<D> = D extends { readonly readOnly: readonly (infer Name)[] } ? Name : never;

/** One line for editors to show. */
type Plain<T> = { [Name in keyof T]: T[Name] };

/** A row as a client sees it. */
export type ShownBy<R> = Plain<Omit<Row<FieldsOf<R>>, WriteOnlyNames<FieldsOf<R>>>>;

/** Files are sent as they are, rows within a row as input, exact decimals as numbers too; all else as it is shown. */
type Sent<F, Value> =
  | Extract<Value, null>
  | (F extends Field<"file">
      ? Blob
      : F extends Field<"decimal">
        ? NonNullable<Value> | number
        : F extends { readonly options: { readonly of: infer Item; readonly rows?: unknown } } & Field<"list">
          ? readonly SentItem<Item>[]
          : F extends { readonly options: { readonly fields: infer Fields extends FieldMap } } & Field<"nested">
            ? InputOfFields<Fields>
            : Exclude<Value, null>);

/** An item of a list; a row among them may name itself by its key, to be changed and not made anew. */
type SentItem<Item> = Item extends { readonly options: { readonly fields: infer Fields extends FieldMap } }
  ? InputOfFields<Fields> & Partial<KeysIn<Fields>>
  : ValueOfField<Item>;

type KeysIn<Fields extends FieldMap> = {
  readonly [Name in keyof Fields as Fields[Name] extends { readonly options: { readonly primaryKey: true } }
    ? Name
    : never]: Row<Fields>[Name];
};

/** What a client sends to create a row. */
export type InputTo<R> = InputOfFields<Omit<FieldsOf<R>, ReadOnlyNames<DeclarationOf<R>> & keyof FieldsOf<R>>>;
export type InputOfFields<Fields> = Fields extends FieldMap
  ? Plain<{ [Name in keyof Input<Fields>]: Sent<Fields[Name], Input<Fields>[Name]> }>
  : never;

/** The value of the primary key. */
export type KeyOf<R> =
  ModelOf<R> extends Model<string, infer Fields>
    ? {
        [Name in keyof Fields]: Fields[Name] extends { readonly options: { readonly primaryKey: true } }
          ? Row<Fields>[Name]
          : never;
      }[keyof Fields]
    : never;

/** An object that names its row by its primary key. */
export type Keyed<R> = KeysIn<ModelOf<R>["fields"]>;

/** Which of the five actions there are. */
export type ActionsOf<R> =
  DeclarationOf<R> extends { readonly only: readonly (infer Name)[] }
    ? Name
    : "list" | "create" | "retrieve" | "update" | "partialUpdate" | "delete";

/** What an own action or endpoint answers with: its `output`, or what `run` returns; a file is a `Blob`. */
export type AnswerOf<A> = A extends { readonly output: infer Out extends Output }
  ? Received<OutputOf<Out>>
  : A extends { run(...given: never): infer Answer }
    ? Received<Awaited<Answer>>
    : unknown;

type Received<Answer> = Answer extends Download ? Blob : Answer;

/** What is sent to an own action or endpoint; undefined where it takes nothing. */
export type InputOfOwn<A> = A extends { readonly input: infer In extends FieldMap } ? InputOfFields<In> : undefined;
