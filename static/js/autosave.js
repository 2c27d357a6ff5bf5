// For staff who write an answer: saves as they go, and keeps what a lost session would lose.
// The page is complete without it.

const WAIT = 3000;
const form = document.querySelector("form[data-autosave]");

if (form) {
  keepSaving(form);
}

function keepSaving(form) {
  const said = form.querySelector("[data-saved]");
  const version = form.elements.version;
  const key = `answer:${form.getAttribute("action")}`;
  let timer = 0;
  let saving = Promise.resolve();
  let stopped = false;

  bringBack();
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => (saving = saving.then(save)), WAIT);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    keep();
  });

  async function save() {
    if (stopped) return;
    keep();
    const body = new FormData(form);
    body.set("do", "save");
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" });
    } catch {
      said.textContent = form.dataset.offline;
      return;
    }
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      said.textContent = form.dataset.signedOut;
      return;
    }
    if (!answer.ok && answer.status !== 409) {
      said.textContent = form.dataset.offline;
      return;
    }
    const found = await answer.json();
    said.textContent = found.words;
    if (answer.ok) {
      version.value = found.version;
      sessionStorage.removeItem(key);
    } else {
      stopped = true;
    }
  }

  // What was typed stays in this tab until the hub says that it has it.
  function keep() {
    const typed = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
    sessionStorage.setItem(key, JSON.stringify(typed));
  }

  function bringBack() {
    const kept = JSON.parse(sessionStorage.getItem(key) || "null");
    if (!kept) return;
    const typed = new Map(kept);
    // The version moved on: the hub has it, or somebody else saved and the page says so.
    if (typed.get("version") !== version.value || form.dataset.autosave === "clash") {
      sessionStorage.removeItem(key);
      return;
    }
    let changed = false;
    for (const [name, value] of typed) {
      const field = form.elements.namedItem(name);
      if (!field || field.type === "hidden" || field.value === value) continue;
      if (field instanceof RadioNodeList || (field.type !== "checkbox" && field.type !== "radio")) {
        field.value = value;
        changed = true;
      } else if (!field.checked) {
        field.checked = true;
        changed = true;
      }
    }
    if (changed) said.textContent = form.dataset.broughtBack;
  }
}
