/** The app of `contract.md`, made with the public names only. */
import { Conflict, defineApp, endpoint, field, filter, pagination, permission, resource } from "drf-auth";
import { echo } from "./echo.ts";
import { Antonym, Author, Book, Review, Synonym, Tag, User, Word } from "./models.ts";

const { env } = process;
const owned = [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner", { staff: true })];
const pages = pagination.pageNumber({ pageSize: 10, pageSizeParameter: "page_size", maxPageSize: 100 });
const userFields = [
  "id",
  "username",
  "email",
  "first_name",
  "last_name",
  "is_staff",
  "is_active",
  "date_joined",
] as const;
const owner = { owner: field.from("owner.username") };

const books = resource(Book, {
  title: "Book",
  description: "Books; written by their owner or by staff.",
  permissions: owned,
  pagination: pages,
  filter: {
    title: ["exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "regex"],
    isbn: ["exact", "in"],
    author: ["exact", "in"],
    author__name: ["exact", "icontains"],
    price: ["exact", "gt", "gte", "lt", "lte", "range"],
    in_print: ["exact"],
    genre: ["exact", "in"],
    rating: ["gte", "lte", "isnull"],
    published_at: ["gte", "lt", "date", "date__gte", "date__lte", "year", "year__gt", "month", "isnull"],
    ref: ["exact"],
    tags: ["exact"],
    owner: ["exact"],
    tag: filter.through("tags__slug"),
    pages: filter.range(),
    published: filter.range("published_at"),
    cheap: filter.boolean((value) => ({ path: "price", lookup: value ? "lt" : "gte", value: "10" })),
  },
  search: ["title", "=isbn", "author__name", "tags__name"],
  order: ["id", "title", "price", "pages", "published_at", "author__name"],
  actions: {
    publish: {
      method: "POST",
      on: "detail",
      input: { published_at: field.datetime({ required: false }) },
      run: async ({ object, input, update, now }) => {
        if (object.published_at !== null) throw new Conflict("This book is published already.");
        return update({ published_at: input.published_at ?? now, in_print: true });
      },
    },
    recent: {
      method: "GET",
      on: "list",
      run: ({ list }) =>
        list({
          where: { path: "published_at", lookup: "isnull", value: false },
          order: ["-published_at", "id"],
          limit: 5,
        }),
    },
  },
});

export default defineApp({
  title: "Conformance",
  resources: {
    synonyms: resource(Synonym, {
      description: "Words and their synonyms.",
      fields: ["id", "word", "synonym", "owner", "created_at", "updated_at"],
      extra: owner,
      permissions: owned,
      pagination: pages,
      filter: { word: ["exact", "icontains", "startswith", "in"], synonym: ["exact"], owner: ["exact"] },
      search: ["word", "synonym"],
      order: ["id", "word", "synonym", "created_at"],
    }),
    antonyms: resource(Antonym, {
      description: "Words and their antonyms.",
      fields: ["id", "word", "antonym", "owner", "created_at", "updated_at"],
      extra: owner,
      permissions: owned,
      pagination: pages,
      filter: { word: ["exact"], antonym: ["exact"] },
      search: ["^word", "=antonym"],
      order: ["word", "antonym"],
      defaultOrder: ["-word"],
    }),
    words: resource(Word, {
      description: "Every synonym with the antonym of the same word, where there is one.",
      only: ["list"],
      pagination: pages,
      filter: { word: ["exact", "icontains"], synonym: ["exact"], antonym: ["exact", "isnull"] },
      search: ["word", "synonym", "antonym"],
      order: ["word", "synonym"],
      defaultOrder: ["word"],
    }),
    authors: resource(Author, {
      description: "Authors; any authenticated user may write.",
      pagination: pages,
      filter: {
        name: ["exact", "icontains"],
        email: ["exact", "isnull"],
        born: ["exact", "gte", "lte", "year"],
      },
      search: ["^name", "email"],
      order: ["id", "name", "born"],
    }),
    books,
    tags: resource(Tag, {
      description: "Tags; written by those who have the model's permissions.",
      permissions: [permission.modelPermissions({ anonymousReadOnly: true })],
      pagination: pagination.limitOffset({ defaultLimit: 5, maxLimit: 12 }),
      filter: { slug: ["exact"] },
      search: ["slug", "name"],
      order: "all",
    }),
    reviews: resource(Review, {
      description: "Reviews, newest first.",
      fields: ["id", "book", "book_summary", "rating", "body", "owner", "created_at"],
      extra: {
        book_summary: field.nested({
          source: "book",
          fields: {
            id: field.id(),
            title: field.text({ maxLength: 200 }),
            author: field.text({ source: "author.name", readOnly: false }),
            price: field.decimal({ maxDigits: 8, decimalPlaces: 2, min: 0 }),
          },
        }),
      },
      permissions: owned,
      pagination: pagination.cursor({ pageSize: 8, pageSizeParameter: "page_size", maxPageSize: 30 }),
      filter: { book: ["exact"], rating: ["exact", "gte", "lte"], owner__username: ["exact"] },
      search: ["body", "book__title"],
      order: ["id", "created_at", "rating"],
      defaultOrder: ["-created_at", "-id"],
    }),
    users: resource(User, {
      description: "The users, for administrators.",
      only: ["list", "retrieve"],
      fields: userFields,
      permissions: [permission.admin()],
      pagination: pages,
      filter: { username: ["exact"], is_staff: ["exact"], is_active: ["exact"] },
      search: ["username", "email"],
      order: ["id", "username"],
    }),
  },
  endpoints: {
    me: endpoint({
      description: "The authenticated user.",
      permissions: [permission.authenticated()],
      throttleScope: "me",
      methods: {
        GET: {
          output: Object.fromEntries(userFields.map((name) => [name, User.fields[name]])),
          run: ({ user, table }) => user && table(User).find(user.id),
        },
      },
    }),
    echo,
  },
  throttle: {
    ...(env.THROTTLE_TOKEN && { token: env.THROTTLE_TOKEN }),
    me: env.THROTTLE_ME || null,
  },
  settings: {
    passwordHasher: "pbkdf2_sha256",
    passwordIterations: 260_000,
    authenticators: env.AUTH_CLASSES ?? "jwt,session,basic",
    rotateRefreshTokens: env.JWT_ROTATE ?? "1",
    blacklistAfterRotation: env.JWT_BLACKLIST ?? "1",
    accessLifetimeSeconds: env.JWT_ACCESS_SECONDS ?? "300",
    refreshLifetimeSeconds: env.JWT_REFRESH_SECONDS ?? "86400",
  },
});
