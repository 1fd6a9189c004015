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
new MutationObserver(() => {
  for (const [selector, [name, role]] of Object.entries(unnamed))
    for (const one of place.querySelectorAll(`${selector}:not([aria-label])`)) {
      one.setAttribute("aria-label", name ?? parameterOf(one) ?? "Value");
      if (role) one.setAttribute("role", role);
    }
}).observe(place, { childList: true, subtree: true });

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
