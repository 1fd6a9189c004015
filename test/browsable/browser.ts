/**
 * A browser without scripts, for tests: it follows links and redirects, keeps cookies, and sends the forms that a page has.
 */
import assert from "node:assert/strict";

export interface Page {
  readonly status: number;
  readonly path: string;
  readonly body: string;
}

export interface Browser {
  readonly cookies: ReadonlyMap<string, string>;
  visit(path: string): Promise<Page>;
  /**
   * Fills in a form of the page and presses its button.
   * @param button  what stands on it
   */
  press(page: Page, button: string, typed?: Readonly<Record<string, string | boolean | File>>): Promise<Page>;
}

export function openBrowser(base: string): Browser {
  const cookies = new Map<string, string>();

  const send = async (method: string, path: string, body?: URLSearchParams | FormData): Promise<Page> => {
    const response = await fetch(base + path, {
      method,
      body,
      redirect: "manual",
      headers: {
        accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(method === "POST" && { origin: base }),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)="?([^;"]*)/.exec(line) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location !== null && response.status < 400) return send("GET", location);
    return { status: response.status, path, body: await response.text() };
  };

  return {
    cookies,
    visit: (path) => send("GET", path),
    async press(page, button, typed = {}) {
      const form = formsOf(page.body).find(({ buttons }) => buttons.has(button));
      assert.ok(form, `a form with the button "${button}" in ${page.path}`);
      const values = new Map<string, string | File>([...form.values, ...(form.buttons.get(button) ?? [])]);
      for (const [name, value] of Object.entries(typed)) {
        assert.ok(form.names.has(name), `a field "${name}" beside the button "${button}"`);
        if (value === false) values.delete(name);
        else values.set(name, value === true ? "true" : value);
      }
      const action = form.actions.get(button) ?? form.action;
      const path = action.startsWith("?") ? page.path.split("?", 1)[0] + action : action;
      if (!form.isMultipart) {
        const texts = new URLSearchParams();
        for (const [name, value] of values) texts.append(name, String(value));
        return send("POST", path, texts);
      }
      const body = new FormData();
      for (const [name, value] of values) body.append(name, value);
      return send("POST", path, body);
    },
  };
}

interface FoundForm {
  readonly action: string;
  readonly isMultipart: boolean;
  /** What a browser sends where nothing is changed. */
  readonly values: ReadonlyMap<string, string | File>;
  readonly names: ReadonlySet<string>;
  /** What a button adds, by what stands on it. */
  readonly buttons: ReadonlyMap<string, readonly (readonly [string, string])[]>;
  /** Where a button sends the form, if it says so. */
  readonly actions: ReadonlyMap<string, string>;
}

function formsOf(body: string): FoundForm[] {
  return [...body.matchAll(/<form method="post" action="([^"]*)"([^>]*)>(.*?)<\/form>/gs)].map(
    ([, action = "", rest = "", inner = ""]) => {
      const values = new Map<string, string | File>();
      const isMultipart = rest.includes("multipart/form-data");
      const names = new Set<string>();
      const buttons = new Map<string, readonly (readonly [string, string])[]>();
      const actions = new Map<string, string>();
      for (const [, tag, attributes = "", content = ""] of inner.matchAll(
        /<(input|textarea|select|button)\b([^>]*)>(?:([^<]*|\s*(?:<option.*?<\/option>\s*)*)<\/(?:textarea|select|button)>)?/gs,
      )) {
        const name = attribute(attributes, "name");
        const value = attribute(attributes, "value") ?? "";
        if (tag === "button") {
          buttons.set(content.trim(), name === undefined ? [] : [[name, value]]);
          const elsewhere = attribute(attributes, "formaction");
          if (elsewhere !== undefined) actions.set(content.trim(), elsewhere);
          continue;
        }
        if (name === undefined) continue;
        names.add(name);
        if (attribute(attributes, "type") === "file") {
          // A browser sends a file without a name where none was chosen.
          values.set(name, new File([], ""));
          continue;
        }
        if (attribute(attributes, "type") === "checkbox" && !/\bchecked\b/.test(attributes)) continue;
        const [, option] =
          /<option value="([^"]*)" selected>/.exec(content) ?? /<option value="([^"]*)"/.exec(content) ?? [];
        values.set(
          name,
          tag === "textarea"
            ? unescaped(content.replace(/^\n/, "")).replace(/\r?\n/g, "\r\n")
            : tag === "select"
              ? unescaped(option ?? "")
              : value,
        );
      }
      return { action: unescaped(action), isMultipart, values, names, buttons, actions };
    },
  );
}

function attribute(attributes: string, name: string): string | undefined {
  const [, value] = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes) ?? [];
  return value === undefined ? undefined : unescaped(value);
}

const unescaped = (text: string): string =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
