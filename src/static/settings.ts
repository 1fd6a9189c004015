/** The settings of static files. Names are Django's where it has them. */
import { defineSettings, list, type Parser, text, type ValuesOf } from "../config/index.ts";

/** What static files are linked under: a path, or a URL of another host that fetches them from here. */
const base: Parser<string> = {
  expected: "a path such as /static/ or a URL such as https://cdn.example.com/static/, with / at its end",
  read: (given) => {
    if (typeof given !== "string" || !given.endsWith("/") || /[?#\s]/.test(given)) return undefined;
    const isPath = given.startsWith("/") && !given.startsWith("//") && given !== "/";
    return isPath || /^https?:\/\/[^/]+\/./.test(given) ? given : undefined;
  },
};

export const staticSettings = defineSettings({
  staticDirectories: {
    name: "STATIC_DIRS",
    default: [],
    parse: list(text({ minLength: 1 })),
    flag: "static-dirs",
    description:
      "Folders whose files are served under STATIC_URL, beside those of the pages; of equal names the first counts.",
  },
  staticRoot: {
    name: "STATIC_ROOT",
    default: "",
    defaultText: "the folder .static beside the app file",
    parse: text(),
    flag: "static-root",
    description:
      "Folder that static files are collected into, hashed and compressed; production serves them from there.",
  },
  staticUrl: {
    name: "STATIC_URL",
    default: "/static/",
    parse: base,
    description:
      "What static files are linked under; of a URL of another host the path is served here, for it to fetch.",
  },
  staticIgnore: {
    name: "STATIC_IGNORE",
    default: [],
    parse: list(text({ minLength: 1 })),
    description: 'Files of STATIC_DIRS that are left out, such as "*.scss" or "src/**".',
  },
  siteDirectory: {
    name: "SITE_DIR",
    default: "",
    parse: text(),
    flag: "site-dir",
    description: "Folder whose files stand at /, such as robots.txt or a built single-page app; empty for none.",
  },
  siteFallback: {
    name: "SITE_FALLBACK",
    default: "",
    parse: text(),
    description: "File of SITE_DIR, such as index.html, for pages that nothing else stands at; empty for none.",
  },
});

export type StaticSettings = ValuesOf<typeof staticSettings>;
