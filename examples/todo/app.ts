/** To-do lists: everybody sees and changes only what is their own, wherever it is met. */
import { defineApp, field, filter, model, permission, resource, scope, ValidationError } from "drf-auth";

export const List = model("todo.list", {
  fields: {
    name: field.text({ maxLength: 100 }),
    owner: field.owner(),
    created_at: field.createdAt(),
  },
  order: ["name", "id"],
});

export const Task = model("todo.task", {
  fields: {
    list: field.foreignKey(List),
    title: field.text({ maxLength: 200 }),
    notes: field.text({ blank: true }),
    due: field.date({ null: true }),
    priority: field.choice({ choices: ["low", "normal", "high"], default: "normal", maxLength: 10 }),
    done: field.boolean({ default: false }),
    created_at: field.createdAt(),
  },
  order: ["due", "id"],
});

const signedIn = [permission.authenticated()];

export default defineApp({
  title: "To-do",
  resources: {
    lists: resource(List, {
      permissions: signedIn,
      scope: scope.owner("owner"),
      search: ["name"],
      order: ["name", "created_at"],
      actions: {
        clear: {
          method: "POST",
          on: "detail",
          description: "Removes the tasks that are done.",
          run: ({ object, transaction }) =>
            transaction(async ({ table }) => {
              const done = await table(Task).list({
                where: {
                  and: [
                    { path: "list", value: object.id },
                    { path: "done", value: true },
                  ],
                },
              });
              for (const { id } of done) await table(Task).delete(id);
              return { removed: done.length };
            }),
        },
      },
    }),
    tasks: resource(Task, {
      permissions: signedIn,
      scope: scope.owner("list.owner"),
      filter: { list: ["exact"], done: ["exact"], priority: ["exact", "in"], due: filter.range() },
      search: ["title", "notes"],
      order: ["due", "priority", "created_at"],
      hooks: {
        preSave({ values: { due }, before, now }) {
          if (!before && due && due < now.slice(0, 10))
            throw new ValidationError({ due: [{ code: "min_value", message: "Expected today or a later day." }] });
          return undefined;
        },
      },
      actions: {
        done: { method: "POST", on: "detail", run: ({ update }) => update({ done: true }) },
        overdue: {
          method: "GET",
          on: "list",
          run: ({ list, now }) =>
            list({
              where: {
                and: [
                  { path: "done", value: false },
                  { path: "due", lookup: "lt", value: now.slice(0, 10) },
                ],
              },
              order: ["due"],
            }),
        },
      },
    }),
  },
});
