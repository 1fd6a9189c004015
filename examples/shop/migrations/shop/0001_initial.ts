import { createModel, field, migration } from "drf-auth";

export default migration({
  dependencies: [["auth", "0001_initial"]],
  operations: [
    createModel("shop.order", {
      fields: {
        id: field.id(),
        customer: field.foreignKey("auth.user"),
        status: field.text({ maxLength: 10, default: "new" }),
        created_at: field.datetime({ auto: "created" }),
      },
    }),
    createModel("shop.product", {
      fields: {
        id: field.id(),
        name: field.text({ maxLength: 100 }),
        sku: field.slug({ unique: true }),
        price: field.decimal({ maxDigits: 8, decimalPlaces: 2 }),
        stock: field.integer({ min: 0, default: 0 }),
        active: field.boolean({ default: true }),
      },
    }),
    createModel("shop.item", {
      fields: {
        id: field.id(),
        order: field.foreignKey("shop.order"),
        product: field.foreignKey("shop.product"),
        quantity: field.integer(),
        unit_price: field.decimal({ maxDigits: 8, decimalPlaces: 2, default: "0.00" }),
      },
    }),
  ],
});
