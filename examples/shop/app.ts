/** A shop: orders come with their items, are written with them, and take from the stock in the same transaction. */
import {
  aggregate,
  Conflict,
  defineApp,
  endpoint,
  field,
  model,
  permission,
  resource,
  scope,
  ValidationError,
} from "drf-auth";

export const Product = model("shop.product", {
  fields: {
    name: field.text({ maxLength: 100 }),
    sku: field.slug({ unique: true }),
    price: field.decimal({ maxDigits: 8, decimalPlaces: 2, min: 0 }),
    stock: field.integer({ default: 0, min: 0 }),
    active: field.boolean({ default: true }),
  },
  order: ["name", "id"],
});

export const Order = model("shop.order", {
  fields: {
    customer: field.owner(),
    status: field.choice({ choices: ["new", "cancelled"], default: "new", maxLength: 10, readOnly: true }),
    created_at: field.createdAt(),
  },
  order: ["-created_at", "-id"],
});

export const Item = model("shop.item", {
  fields: {
    order: field.foreignKey(Order),
    product: field.foreignKey(Product, { onDelete: "protect" }),
    quantity: field.integer({ min: 1 }),
    /** The price on the day of the order. */
    unit_price: field.decimal({ maxDigits: 8, decimalPlaces: 2, default: "0.00", readOnly: true }),
  },
});

const { product, quantity, unit_price } = Item.fields;

/** Prices are exact decimals as text; whole cents are safe to add. */
const cents = (price: string): number => Math.round(Number(price) * 100);

const total = (order: { items: readonly { unit_price: string; quantity: number }[] }): string =>
  (order.items.reduce((sum, item) => sum + cents(item.unit_price) * item.quantity, 0) / 100).toFixed(2);

/** What was sold, for staff. */
const sales = endpoint({
  permissions: [permission.admin()],
  methods: {
    GET: {
      async run({ table, db }) {
        const { orders, customers } = await table(Order).aggregate(
          { orders: aggregate.count(), customers: aggregate.count("customer", { distinct: true }) },
          { where: { path: "status", value: "new" } },
        );
        const products = await db({ item: Item, order: Order, product: Product })
          .selectFrom("item")
          .innerJoin("order", "order.id", "item.order")
          .innerJoin("product", "product.id", "item.product")
          .where("order.status", "=", "new")
          .groupBy(["product.id", "product.name"])
          .select(({ fn }) => ["product.name", fn.sum<number>("item.quantity").as("sold")])
          .orderBy("sold", "desc")
          .orderBy("product.name")
          .limit(10)
          .execute();
        return { orders, customers, products };
      },
    },
  },
});

export default defineApp({
  title: "Shop",
  endpoints: { sales },
  resources: {
    products: resource(Product, {
      requireIfMatch: true,
      permissions: [permission.any(permission.readOnly(), permission.admin())],
      scope: ({ user }) => (user?.is_staff ? { and: [] } : { path: "active", value: true }),
      filter: { price: ["gte", "lte"], sku: ["exact"] },
      search: ["name"],
      order: ["name", "price"],
    }),
    orders: resource(Order, {
      permissions: [permission.authenticated()],
      only: ["list", "retrieve", "create"],
      scope: scope.owner("customer", { staff: true }),
      idempotencyKey: "optional",
      extra: {
        items: field.children(Item, "order", {
          minItems: 1,
          fields: { product, product_name: field.from("product.name"), quantity, unit_price },
        }),
        total: field.computed(total),
      },
      filter: { status: ["exact"], created_at: ["gte", "lt"] },
      order: ["created_at"],
      hooks: {
        async postSave({ row, table }) {
          for (const item of await table(Item).list({ where: { path: "order", value: row.id }, order: ["product"] })) {
            const bought = await table(Product).lock(item.product);
            if (!bought || bought.stock < item.quantity)
              throw new ValidationError({
                items: [{ code: "stock", message: `Only ${bought?.stock ?? 0} are left.` }],
              });
            await table(Product).update(bought.id, { stock: bought.stock - item.quantity });
            await table(Item).update(item.id, { unit_price: bought.price });
          }
        },
      },
      actions: {
        cancel: {
          method: "POST",
          on: "detail",
          run: async ({ object, transaction, show }) => {
            await transaction(async ({ table }) => {
              const order = await table(Order).lock(object.id);
              if (order?.status !== "new") throw new Conflict("Only a new order can be cancelled.");
              await table(Order).update(order.id, { status: "cancelled" });
              const items = await table(Item).list({ where: { path: "order", value: order.id }, order: ["product"] });
              for (const item of items) {
                const bought = await table(Product).lock(item.product);
                if (bought) await table(Product).update(bought.id, { stock: bought.stock + item.quantity });
              }
            });
            return show();
          },
        },
      },
    }),
  },
});
