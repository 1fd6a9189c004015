/**
 * What makes the pages better where scripts run; everything works without.
 *
 * URLs of lists without what was left empty, disclosures that close and are remembered, buttons that copy, items that are added
 * and removed in place.
 */

/** A list's URL says what was asked, and no more. */
document.addEventListener("submit", ({ target }) => {
  if (target.getAttribute("method") !== "get") return;
  // A control may be called `elements`, or `method`: the form's own property is then that control.
  const controls = target.querySelectorAll("input, select, textarea");
  for (const control of controls)
    if (control.value === "" && (control.type !== "hidden" || "lookUp" in control.dataset)) control.disabled = true;
  // The browser has read the form by then; who comes back to the page finds it as it was.
  setTimeout(() => {
    for (const control of controls) control.disabled = false;
  });
});

/** What hangs below its button closes when something else is pressed, and by Escape. */
const popovers = [...document.querySelectorAll("details.popover")];
document.addEventListener("click", ({ target }) => {
  for (const popover of popovers) if (!popover.contains(target)) popover.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const popover of popovers.filter(({ open }) => open)) {
    popover.open = false;
    popover.querySelector("summary").focus();
  }
});

/** Whether a part of the pages is open is remembered by this browser. */
for (const part of document.querySelectorAll("details[data-remember]")) {
  const name = `drf-auth:${part.dataset.remember}`;
  try {
    const known = localStorage.getItem(name);
    if (known !== null) part.open = known === "open";
    part.addEventListener("toggle", () => localStorage.setItem(name, part.open ? "open" : "closed"));
  } catch {
    // A browser may keep nothing.
  }
}

for (const snippet of document.querySelectorAll(".snippet")) {
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "button",
    textContent: "Copy",
  });
  button.setAttribute("aria-label", `Copy the request for ${snippet.querySelector(".tool").textContent}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(snippet.querySelector("code").textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(snippet.querySelector("code"));
      button.textContent = "Selected";
    }
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  });
  snippet.append(button);
}

/** Names and ids of the controls of an item, under another number. */
function renumber(item, name, number) {
  const from = new RegExp(`(^|-)${name.replace(/[^\w]/g, "\\$&")}\\[\\d+\\]`);
  const to = `$1${name}[${number}]`;
  for (const element of item.querySelectorAll("[name], [id], [for], [aria-describedby]"))
    for (const attribute of ["name", "id", "for", "aria-describedby"])
      if (element.hasAttribute(attribute))
        element.setAttribute(attribute, element.getAttribute(attribute).replace(from, to));
}

/** An item that need not be filled in. */
function emptied(item) {
  for (const error of item.querySelectorAll(".errors, .combo-status")) error.remove();
  for (const control of item.querySelectorAll("input, select, textarea")) {
    for (const name of ["aria-invalid", "required"]) control.removeAttribute(name);
    if (control.type === "checkbox") control.checked = false;
    else if (control.type !== "hidden" || control.matches("[data-row], [data-look-up]")) control.value = "";
  }
  return item;
}

for (const group of document.querySelectorAll("fieldset[data-items]")) {
  const name = group.dataset.items;
  const items = () => [...group.querySelectorAll(":scope > .item")];
  const numbered = () => {
    for (const [i, item] of items().entries()) {
      renumber(item, name, i);
      item.setAttribute("aria-label", item.getAttribute("aria-label").replace(/\d+$/, String(i + 1)));
    }
  };
  const template = emptied(items().at(-1)?.cloneNode(true) ?? document.createElement("div"));
  const removable = (item) => {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "button",
      textContent: "Remove",
    });
    button.addEventListener("click", () => {
      const next = items()[items().indexOf(item) + 1] ?? items().at(-2);
      if (items().length > 1) item.remove();
      else emptied(item);
      numbered();
      (next ?? item).querySelector("input:not([type=hidden]), select")?.focus();
    });
    item.append(button);
  };
  items().forEach(removable);
  group.querySelector(":scope > .more-items button")?.addEventListener("click", (event) => {
    event.preventDefault();
    const item = template.cloneNode(true);
    items().at(-1).after(item);
    removable(item);
    numbered();
    document.dispatchEvent(new CustomEvent("drf-auth:added", { detail: item }));
    item.querySelector("input:not([type=hidden]), select")?.focus();
  });
}
