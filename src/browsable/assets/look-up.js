/**
 * Inputs for keys of related rows become comboboxes that ask the rows' own list while somebody types.
 * Reference: ARIA Authoring Practices Guide, "Editable Combobox With List Autocomplete".
 *
 * The input with the key stays, hidden; what is typed and not chosen is taken for a key.
 */
const most = 10;
const waitMs = 200;
let count = 0;

async function ask(url, signal) {
  const headers = { accept: "application/json", ...globalThis.drfAuthHeaders?.() };
  const answer = await fetch(url, { headers, signal });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

const element = (tag, attributes = {}, text = "") => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
};

/** @param {HTMLInputElement} field  takes the key, or several with commas between */
function combobox(field) {
  const { lookUp: list, key: keyName, label: labelName } = field.dataset;
  const isMany = "many" in field.dataset;
  const listId = `options-${++count}`;
  const input = element("input", {
    ...{ type: "text", role: "combobox", autocomplete: "off", spellcheck: "false" },
    ...{
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": listId,
      placeholder: "Type to search",
    },
  });
  for (const name of ["id", "required", "aria-describedby", "aria-invalid", "autofocus"])
    if (field.hasAttribute(name)) input.setAttribute(name, field.getAttribute(name));
  field.removeAttribute("id");
  field.removeAttribute("required");
  const label = field.closest(".field").querySelector("label").firstChild.textContent.trim();
  const options = element("ul", { role: "listbox", id: listId, "aria-label": label });
  const status = element("span", { role: "status", class: "visually-hidden combo-status" });
  const picked = element("ul", { class: "picked", "aria-label": `${label}: chosen` });
  const box = element("div", { class: "combo" });
  options.hidden = true;
  field.type = "hidden";
  field.before(box);
  box.append(...(isMany ? [picked] : []), input, options, status, field);
  for (const beside of box.parentElement.querySelectorAll(".find-row, .named")) beside.remove();
  // How keys are written by hand need not be said any more.
  const hint = box.parentElement.querySelector(".hint[data-standard]");
  const described = (input.getAttribute("aria-describedby") ?? "")
    .split(" ")
    .filter((id) => id !== "" && id !== hint?.id);
  hint?.remove();
  if (described.length > 0) input.setAttribute("aria-describedby", described.join(" "));
  else input.removeAttribute("aria-describedby");

  const labels = new Map(Object.entries(JSON.parse(field.dataset.names ?? "{}")));
  const keys = () => field.value.split(/[\s,]+/).filter((key) => key !== "");
  const nameOf = (key) => labels.get(key) ?? key;
  const labelOf = (row) => String((labelName && row[labelName]) || row[keyName]);
  const remember = (row) => labels.set(String(row[keyName]), labelOf(row));
  const isRequired = input.required;
  let rows = [];
  let active = -1;
  let asking;
  let timer;

  const show = () => {
    if (!isMany) input.value = field.value === "" ? "" : nameOf(field.value);
    else {
      input.value = "";
      input.required = isRequired && keys().length === 0;
      picked.replaceChildren(
        ...keys().map((key) => {
          const button = element(
            "button",
            { type: "button", "aria-label": `Remove ${nameOf(key)}` },
            `${nameOf(key)} ×`,
          );
          button.addEventListener("click", () => {
            field.value = keys()
              .filter((other) => other !== key)
              .join(", ");
            show();
            input.focus();
          });
          const item = element("li");
          item.append(button);
          return item;
        }),
      );
    }
  };
  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    options.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    active = index;
    for (const [i, option] of [...options.children].entries())
      option.setAttribute("aria-selected", String(i === active));
    const option = options.children[active];
    if (!option) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const choose = (row) => {
    remember(row);
    const key = String(row[keyName]);
    field.value = isMany ? [...new Set([...keys(), key])].join(", ") : key;
    show();
    close();
  };
  const open = (found, note) => {
    rows = found;
    options.replaceChildren(
      ...rows.map((row, i) => {
        const option = element("li", { role: "option", id: `${listId}-${i}`, "aria-selected": "false" });
        option.append(
          element("span", {}, labelOf(row)),
          element("span", { class: "option-key" }, String(row[keyName])),
        );
        // Before the input loses the focus.
        option.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          choose(row);
        });
        return option;
      }),
    );
    status.textContent = note;
    options.hidden = rows.length === 0;
    input.setAttribute("aria-expanded", String(rows.length > 0));
    mark(-1);
  };
  const search = async () => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const words = input.value.trim();
    try {
      const data = await ask(words === "" ? list : `${list}?search=${encodeURIComponent(words)}`, signal);
      const found = (Array.isArray(data) ? data : (data.results ?? [])).slice(0, most);
      open(found, found.length === 0 ? "Nothing found." : `${found.length} found.`);
    } catch {
      if (!signal.aborted) open([], "The list could not be asked.");
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(search, waitMs);
  };
  /** What was typed and is no row that was chosen is a key, or several. */
  const take = () => {
    const text = input.value.trim();
    if (!isMany) {
      if (text !== nameOf(field.value)) field.value = text;
    } else if (text !== "") field.value = [...new Set([...keys(), ...text.split(/[\s,]+/)])].join(", ");
  };

  input.addEventListener("input", later);
  input.addEventListener("blur", () => {
    take();
    close();
    show();
  });
  input.addEventListener("keydown", (event) => {
    const isOpen = !options.hidden;
    if (event.key === "ArrowDown" && !isOpen) search();
    else if (event.key === "ArrowDown") mark((active + 1) % rows.length);
    else if (event.key === "ArrowUp" && isOpen) mark((active <= 0 ? rows.length : active) - 1);
    else if (event.key === "Enter" && isOpen && active >= 0) choose(rows[active]);
    else if (event.key === "Enter") return take();
    else if (event.key === "Escape" && isOpen) {
      close();
      show();
    } else if (event.key === "Backspace" && isMany && input.value === "") {
      field.value = keys().slice(0, -1).join(", ");
      return show();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  show();
  // What the keys are called that are there: a row each, of a few.
  Promise.all(
    keys()
      .filter((key) => !labels.has(key))
      .slice(0, most)
      .map((key) => ask(`${list}${encodeURIComponent(key)}/`).then(remember, () => undefined)),
  ).then(() => document.activeElement !== input && show());
}

for (const field of document.querySelectorAll("input[data-look-up]")) combobox(field);

document.addEventListener("drf-auth:added", ({ detail: item }) => {
  for (const field of item.querySelectorAll("input[data-look-up]")) combobox(field);
});
