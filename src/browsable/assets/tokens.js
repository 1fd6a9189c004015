/**
 * The token panel: a pair that is obtained, shown with what it says and the time that is left, and used for requests of this page.
 * It is kept by this page alone, in memory: whoever leaves it has forgotten it.
 */
const panel = document.querySelector(".tokens[data-obtain]");
let pair;

/** Seconds as people say them. */
const leftOf = (exp) => {
  const seconds = Math.round(exp - Date.now() / 1000);
  if (seconds <= 0) return "expired";
  const parts = [
    Math.floor(seconds / 86_400),
    Math.floor((seconds % 86_400) / 3600),
    Math.floor((seconds % 3600) / 60),
    seconds % 60,
  ];
  const units = ["d", "h", "min", "s"];
  const first = parts.findIndex((part) => part > 0);
  return `${parts
    .slice(first, first + 2)
    .map((part, i) => `${part} ${units[first + i]}`)
    .join(" ")} left`;
};

const tick = () => {
  for (const left of document.querySelectorAll("[data-exp]")) left.textContent = leftOf(Number(left.dataset.exp));
};
tick();
setInterval(tick, 1000);

if (panel) {
  const { obtain, refresh, scheme } = panel.dataset;
  const form = panel.querySelector("form");
  const shown = panel.querySelector("[data-pair]");
  const status = panel.querySelector("[role=status]");
  const use = panel.querySelector("[data-use]");
  const output = panel.querySelector("[data-answer]");

  const claimsOf = (token) => {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), (character) => character.charCodeAt(0))));
  };
  const view = (name, token) => {
    const claims = claimsOf(token);
    const section = document.createElement("section");
    const title = document.createElement("h3");
    const left = Object.assign(document.createElement("span"), { className: "left" });
    if (typeof claims.exp === "number") left.dataset.exp = String(claims.exp);
    title.append(`${name} · `, left);
    const json = Object.assign(document.createElement("pre"), {
      className: "json",
      tabIndex: 0,
      textContent: JSON.stringify(claims, undefined, 2),
    });
    json.setAttribute("role", "region");
    json.setAttribute("aria-label", `What the ${name} token says`);
    section.append(title, json);
    return section;
  };
  const show = (found) => {
    pair = found;
    shown.hidden = pair === undefined;
    form.hidden = pair !== undefined;
    if (!pair) use.checked = false;
    shown.querySelector(".claims").replaceChildren(
      ...Object.entries(pair ?? {})
        .filter(([, token]) => typeof token === "string")
        .map(([name, token]) => view(name, token)),
    );
    panel.querySelector("[data-refresh-now]").hidden = !pair?.refresh || refresh === undefined;
    tick();
  };
  const post = async (url, body) => {
    const answer = await fetch(url, {
      method: "POST",
      credentials: "omit",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const data = await answer.json();
    if (!answer.ok) throw new Error(typeof data.detail === "string" ? data.detail : JSON.stringify(data));
    return data;
  };
  const say = (text) => {
    status.textContent = text;
  };
  const bearer = () => ({ authorization: `${scheme} ${pair.access ?? pair.token}` });
  globalThis.drfAuthHeaders = () => (pair && use.checked ? bearer() : {});

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { username, password } = form.elements;
    try {
      show(await post(obtain, { username: username.value, password: password.value }));
      form.reset();
      use.checked = true;
      say("A pair was obtained.");
    } catch (error) {
      say(error.message);
    }
  });
  panel.querySelector("[data-refresh-now]").addEventListener("click", async () => {
    try {
      show({ ...pair, ...(await post(refresh, { refresh: pair.refresh })) });
      say("The pair was refreshed.");
    } catch (error) {
      say(error.message);
    }
  });
  panel.querySelector("[data-forget]").addEventListener("click", () => {
    show(undefined);
    output.hidden = true;
    say("The pair is forgotten.");
  });

  /** Sends a request with the token in place of the session, and shows its answer. */
  const send = async (url, options) => {
    const answer = await fetch(url, {
      ...options,
      credentials: "omit",
      headers: { accept: "application/json", ...options.headers, ...bearer() },
    });
    const text = await answer.text();
    let pretty = text;
    try {
      pretty = JSON.stringify(JSON.parse(text), undefined, 2);
    } catch {
      // Not JSON: as it is.
    }
    output.hidden = false;
    output.querySelector("[data-status]").textContent =
      `${options.method} ${new URL(url, location.href).pathname}: ${answer.status} ${answer.statusText}`;
    output.querySelector("pre").textContent = pretty;
    panel.open = true;
    output.scrollIntoView({ block: "nearest" });
  };
  panel.querySelector("[data-send]").addEventListener("click", () => {
    const method = panel.querySelector("[data-method]").value;
    const body = panel.querySelector("[data-body]").value.trim();
    const headers = {
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID?.() ?? String(Math.random()),
    };
    send(location.href, { method, ...(method !== "GET" && body !== "" && { body, headers }) });
  });
  document.addEventListener("submit", (event) => {
    const raw = event.target.querySelector?.('textarea[name="_content"]');
    if (!raw || !pair || !use.checked) return;
    event.preventDefault();
    const value = (name) => event.target.querySelector(`input[name="${name}"]`)?.value;
    const headers = { "content-type": "application/json" };
    if (value("_if_match")) headers["if-match"] = value("_if_match");
    if (value("_idempotency_key")) headers["idempotency-key"] = value("_idempotency_key");
    send(event.target.action, { method: event.submitter.value, headers, body: raw.value });
  });
}
