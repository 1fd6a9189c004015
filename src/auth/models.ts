/**
 * Django's own tables of accounts, sessions and tokens, as models.
 *
 * Reference: django.contrib.contenttypes, .auth and .sessions, rest_framework_simplejwt.token_blacklist (their models and
 * migrations): names, lengths and order of the columns are theirs, so that either side starts on the other's database.
 */
import { field, model, type RowOf } from "../model/index.ts";

const id = () => field.integer({ primaryKey: true, label: "ID" });

export const ContentType = model("contenttypes.contenttype", {
  table: "django_content_type",
  fields: {
    id: id(),
    app_label: field.text({ maxLength: 100 }),
    model: field.text({ maxLength: 100 }),
  },
  unique: [["app_label", "model"]],
});

export const Permission = model("auth.permission", {
  fields: {
    id: id(),
    content_type: field.foreignKey(ContentType),
    codename: field.text({ maxLength: 100 }),
    name: field.text({ maxLength: 255 }),
  },
  unique: [["content_type", "codename"]],
});

export const Group = model("auth.group", {
  fields: {
    id: id(),
    name: field.text({ maxLength: 150, unique: true }),
    permissions: field.manyToMany(Permission, { blank: true }),
  },
});

/** An account. Its password is never shown; `last_name` comes before `first_name`'s later migration as in Django's table. */
export const User = model("auth.user", {
  fields: {
    id: id(),
    password: field.text({ maxLength: 128, writeOnly: true }),
    last_login: field.datetime({ null: true, blank: true }),
    is_superuser: field.boolean({ default: false }),
    username: field.text({ maxLength: 150, unique: true, pattern: /^[\p{L}\p{N}_.@+-]+$/u }),
    last_name: field.text({ maxLength: 150, blank: true }),
    email: field.email({ blank: true }),
    is_staff: field.boolean({ default: false }),
    is_active: field.boolean({ default: true }),
    date_joined: field.datetime({ auto: "created" }),
    first_name: field.text({ maxLength: 150, blank: true }),
    groups: field.manyToMany(Group, { blank: true }),
    user_permissions: field.manyToMany(Permission, { blank: true }),
  },
});

export const Session = model("sessions.session", {
  table: "django_session",
  fields: {
    session_key: field.text({ maxLength: 40, primaryKey: true }),
    session_data: field.text(),
    expire_date: field.datetime({ index: true }),
  },
});

/** A refresh token that was given out. */
export const OutstandingToken = model("token_blacklist.outstandingtoken", {
  fields: {
    token: field.text(),
    created_at: field.datetime({ null: true, blank: true }),
    expires_at: field.datetime(),
    user: field.foreignKey(User, { null: true, blank: true, onDelete: "setNull" }),
    jti: field.text({ maxLength: 255, unique: true }),
    id: field.id(),
  },
});

/** A refresh token that is no longer accepted. */
export const BlacklistedToken = model("token_blacklist.blacklistedtoken", {
  fields: {
    blacklisted_at: field.datetime(),
    token: field.foreignKey(OutstandingToken, { unique: true }),
    id: field.id(),
  },
});

export const authModels = [ContentType, Permission, Group, User, Session, OutstandingToken, BlacklistedToken];

/** A row of `auth_user`, without its links. */
export type UserRow = Omit<RowOf<typeof User>, "groups" | "user_permissions">;
