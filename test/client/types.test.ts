/** What the compiler knows of an app from the other end of the wire. The facts are checked by `npm run check`; here they only have to run. */
import { it } from "node:test";
import { type Client, createClient, type InputTo, type PageOf, type QueryOf, type ShownBy } from "drf-auth/client";
import type desk from "./desk.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <Fact extends true>(fact?: Fact): void => void fact;
type Notes = (typeof desk)["resources"]["notes"];

it("rows are what the resource shows, and input is what it takes", () => {
  type Row = ShownBy<Notes>;
  holds<Same<Row["id"], number>>();
  holds<Same<Row["title"], string>>();
  holds<Same<Row["price"], string>>();
  holds<Same<Row["author"], number | null>>();
  holds<Same<Row["mood"], "good" | "bad">>();
  holds<Same<Row["shout"], string>>();
  holds<Same<Extract<keyof Row, "pin">, never>>();
  type Input = InputTo<Notes>;
  holds<
    Same<
      Input,
      {
        title: string;
        body?: string;
        author?: number | null;
        price?: string | number;
        pin?: string;
        paper?: Blob | null;
      }
    >
  >();
});

it("a list is asked by what is declared, and paged as it is declared", () => {
  type Query = QueryOf<Notes>;
  holds<Same<Query["title__icontains"], string | number | boolean | undefined>>();
  holds<Same<Query["author__isnull"], boolean | undefined>>();
  holds<Same<Query["price__in"], readonly (string | number)[] | undefined>>();
  holds<Same<Query["bad"], boolean | undefined>>();
  holds<Same<PageOf<Notes>["count"], number | null>>();
  holds<Same<PageOf<(typeof desk)["resources"]["authors"]>, ShownBy<(typeof desk)["resources"]["authors"]>[]>>();
  holds<Same<Extract<keyof PageOf<(typeof desk)["resources"]["trail"]>, "count">, never>>();
});

it("what is not declared does not compile", () => {
  const { resources, endpoints } = createClient<typeof desk>("http://127.0.0.1:9");
  const calls = () => [
    // @ts-expect-error no such resource
    resources.nots,
    // @ts-expect-error no such field
    resources.notes.create({ titel: "" }),
    // @ts-expect-error the title is required
    resources.notes.create({ body: "" }),
    // @ts-expect-error only the server sets it
    resources.notes.create({ title: "", rank: 3 }),
    // @ts-expect-error declared as read-only
    resources.notes.partialUpdate(1, { mood: "bad" }),
    // @ts-expect-error no such filter
    resources.notes.list({ title__contains: "a" }),
    // @ts-expect-error no such order
    resources.notes.list({ ordering: "-body" }),
    // @ts-expect-error not searched
    resources.trail.list({ search: "a" }),
    // @ts-expect-error authors are not deleted
    resources.authors.delete(1),
    // @ts-expect-error the key is a number
    resources.notes.retrieve("one"),
    // @ts-expect-error it is a POST
    resources.notes.actions.raise.get(1, { by: 1 }),
    // @ts-expect-error by how much
    resources.notes.actions.raise.post(1, {}),
    // @ts-expect-error a number
    endpoints.sum.post({ numbers: ["1"] }),
    // @ts-expect-error no POST there
    endpoints.me.post(),
  ];
  void calls;
});

it("what comes back is typed, errors by the names that were sent", () => {
  const use = async ({ resources, endpoints }: Client<typeof desk>) => {
    const made = await resources.notes.create({ title: "a" });
    if (made.ok) made.data.shout satisfies string;
    else if (made.error.code === "invalid") {
      made.error.fields.title satisfies readonly string[] | undefined;
      // @ts-expect-error nobody sent that
      made.error.fields.titel;
    }
    const { results } = await resources.notes.list({ fields: ["id", "title"] }).orThrow();
    results satisfies { id: number; title: string }[];
    // @ts-expect-error it was not asked for
    results[0]?.body;
    const expanded = await resources.notes.retrieve(1, { expand: ["author"] }).orThrow();
    holds<Same<(typeof expanded)["author"], { id: number; name: string; email: string | null } | null>>();
    const [both] = (await resources.notes.list({ fields: ["author"], expand: ["author"] }).orThrow()).results;
    both?.author?.name satisfies string | undefined;
    // @ts-expect-error it is not declared
    resources.notes.list({ expand: ["owner"] });
    (await resources.notes.actions.raise.post(1, { by: 2 }).orThrow()).rank satisfies number;
    (await resources.notes.actions.titles.get({ search: "a" }).orThrow()) satisfies string[];
    (await endpoints.me.get().orThrow()).name satisfies string;
    for await (const note of resources.trail.all()) note satisfies { id: number; title: string };
  };
  void use;
});
