// Shows the document with Swagger UI, in the colours that the reader's system asks for.
const place = document.getElementById("docs");
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

/** Whoever is signed in by a cookie must show that a request is their page's own. */
const csrfToken = () => {
  const cookie = document.cookie.split("; ").find((one) => one.startsWith(`${place.dataset.csrfCookie}=`));
  return cookie?.slice(cookie.indexOf("=") + 1);
};

/** Names for what Swagger UI draws without them, and roles. */
const unnamed = {
  ".information-container": ["About", "region"],
  ".scheme-container": ["Credentials", "region"],
  ".filter-container": ["Filter", "region"],
  ".modal-ux": ["Credentials", "dialog"],
  ".close-modal": ["Close"],
  ".body-param__text": ["Body"],
  ".parameters-col_description select": [],
};
const parameterOf = (one) => one.closest("tr")?.querySelector(".parameter__name")?.textContent;
/** The title of the page is the one heading of the first level. */
const levels = { h3: 2, h4: 3, h5: 4 };
let dialog;
new MutationObserver(() => {
  for (const [selector, [name, role]] of Object.entries(unnamed))
    for (const one of place.querySelectorAll(`${selector}:not([aria-label])`)) {
      one.setAttribute("aria-label", name ?? parameterOf(one) ?? "Value");
      if (role) one.setAttribute("role", role);
    }
  for (const [tag, level] of Object.entries(levels))
    for (const one of place.querySelectorAll(`${tag}:not([aria-level])`)) one.setAttribute("aria-level", level);
  // A button is pressed as a whole: there is nothing in it to be reached.
  for (const one of place.querySelectorAll("button a[href]")) one.removeAttribute("href");
  // A button is called what is written on it.
  for (const one of place.querySelectorAll("button[aria-label]"))
    if (one.textContent.trim() !== "" && !one.ariaLabel.toLowerCase().includes(one.textContent.trim().toLowerCase()))
      one.removeAttribute("aria-label");
  const opened = place.querySelector(".modal-ux") ?? undefined;
  if (opened && opened !== dialog) opened.querySelector("input, button").focus();
  else if (!opened && dialog) place.querySelector(".auth-wrapper .authorize")?.focus();
  dialog = opened;
}).observe(place, { childList: true, subtree: true });

// A dialog is left with Escape, and not by accident.
document.addEventListener("keydown", (event) => {
  if (!dialog) return;
  if (event.key === "Escape") dialog.querySelector(".close-modal").click();
  if (event.key !== "Tab") return;
  const stops = [...dialog.querySelectorAll("a[href], button:not(:disabled), input, select, textarea")];
  const [first, last] = [stops[0], stops.at(-1)];
  const isOut = !dialog.contains(document.activeElement);
  if (!isOut && document.activeElement !== (event.shiftKey ? first : last)) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
});

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  // The document is checked by our tests, and by nobody else's server.
  validatorUrl: null,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  requestInterceptor(request) {
    const token = csrfToken();
    if (token && new URL(request.url, location.href).origin === location.origin) request.headers["X-CSRFToken"] = token;
    return request;
  },
});
