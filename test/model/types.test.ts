/** What the compiler knows of a declaration. The facts are checked by `npm run check`; here they only have to run. */
import { it } from "node:test";
import { field, model, type RowOf, resource, scope } from "drf-auth";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <Fact extends true>(fact?: Fact): void => void fact;

const Shelf = model("shelf", { fields: { code: field.text({ primaryKey: true }), owner: field.owner() } });
const Book = model("book", {
  fields: {
    title: field.text(),
    pages: field.integer(),
    is_new: field.boolean(),
    shelf: field.foreignKey(Shelf),
    genre: field.choice({ choices: ["poetry", "prose"], null: true }),
  },
});

it("a field without options has the type of its kind, and a relation that of its target's key", () => {
  type Row = RowOf<typeof Book>;
  holds<Same<Row["title"], string>>();
  holds<Same<Row["pages"], number>>();
  holds<Same<Row["is_new"], boolean>>();
  holds<Same<Row["shelf"], string>>();
  holds<Same<Row["genre"], "poetry" | "prose" | null>>();
  holds<Same<Row["id"], number>>();
});

it("a name that is no field is a type error at its place", () => {
  const declarations = () => [
    // @ts-expect-error no such field
    model("a", { fields: { name: field.text() }, order: ["nmae"] }),
    // @ts-expect-error no such field
    resource(Book, { fields: ["titel"], extra: { loud: field.computed(() => "") } }),
    // @ts-expect-error no such field
    resource(Book, { scope: scope.owner("ownr") }),
    // @ts-expect-error no such field
    resource(Book, { scope: () => ({ path: "titel", value: "" }) }),
    resource(Book, {
      actions: {
        // @ts-expect-error no such field
        old: { method: "GET", on: "list", run: ({ list }) => list({ where: { path: "titel", value: "" } }) },
        // @ts-expect-error an action on the list has no row
        odd: { method: "GET", on: "list", run: ({ object }) => object },
      },
    }),
    // @ts-expect-error no such field
    resource(Book, { extra: { books: field.children(Book, "shelff") } }),
  ];
  void declarations;
});
