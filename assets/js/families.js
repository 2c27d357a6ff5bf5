// What a family told about itself, and its short list: kept on its own device, and nowhere else. Every page is complete
// without this: the same pages work by their addresses.
const FAMILY = "hub-family";
const LIST = "hub-list";
const LIKE_MINE = "/families-like-mine/";
const MY_LIST = "/my-list/";

// A browser that keeps nothing, as some do in private windows, leaves the pages as they are.
function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(name)) || [];
  } catch {
    return [];
  }
}

function keep(name, value) {
  try {
    if (value.length) localStorage.setItem(name, JSON.stringify(value));
    else localStorage.removeItem(name);
    return true;
  } catch {
    return false;
  }
}

const family = () => new URLSearchParams(kept(FAMILY));
const show = (selector, shown) => document.querySelectorAll(selector).forEach((part) => (part.hidden = !shown));

function onLikeMine() {
  const said = [...new URLSearchParams(location.search)].filter(([name]) => ["age", "need", "area", "language"].includes(name));
  if (said.length) {
    keep(FAMILY, said);
  } else if (kept(FAMILY).length && !location.hash) {
    location.replace(`${LIKE_MINE}?${family()}`);
    return;
  }
  show("[data-family-kept]", kept(FAMILY).length || kept(LIST).length);
  document.querySelector("[data-forget]")?.addEventListener("click", () => {
    keep(FAMILY, []);
    keep(LIST, []);
    history.replaceState(null, "", LIKE_MINE);
    document.querySelectorAll("[data-family-form] input:checked").forEach((box) => (box.checked = false));
    document.querySelector("[data-family-form]").open = true;
    document.querySelector("[data-family-list]")?.remove();
    show("[data-family-kept]", false);
    show("[data-family-cleared]", true);
  });
}

// The home page and the finder show what fits first, in a block of its own. The server is told the filter and no more.
async function fitFirst(place) {
  const chosen = family();
  if (!place || ![...chosen].length) return;
  let page;
  try {
    page = await (await fetch(`${LIKE_MINE}?${chosen}`, { credentials: "omit" })).text();
  } catch {
    return;
  }
  const found = new DOMParser().parseFromString(page, "text/html").querySelector("[data-family-list]");
  const cards = found ? [...found.querySelectorAll(".hub-card")].slice(0, Number(place.dataset.fitFirst)) : [];
  if (!cards.length) return;
  place.querySelector("ul").replaceChildren(...cards);
  place.querySelector("a[data-fit-all]").href = `${LIKE_MINE}?${chosen}`;
  place.hidden = false;
}

function myList() {
  const asked = new URLSearchParams(location.search);
  const slugs = kept(LIST);
  if (![...asked].length && slugs.length) {
    location.replace(`${MY_LIST}?${new URLSearchParams(slugs)}`);
    return;
  }
  show("[data-list-kept]", slugs.length);
  document.querySelector("[data-forget-list]")?.addEventListener("click", () => {
    keep(LIST, []);
    location.replace(MY_LIST);
  });
}

// Without a script the link opens a list of this one thing. With one it is kept, and the link says so.
function keeping(link) {
  const [[kind, slug]] = [...new URL(link.href).searchParams];
  const isThis = ([otherKind, other]) => otherKind === kind && other === slug;
  const say = () => {
    const inside = kept(LIST).some(isThis);
    link.textContent = inside ? link.dataset.inside : link.dataset.outside;
    link.setAttribute("aria-pressed", String(inside));
  };
  link.setAttribute("role", "button");
  const press = (event) => {
    const list = kept(LIST);
    const others = list.filter((each) => !isThis(each));
    // Where nothing can be kept, the link leads where it leads without a script.
    if (!keep(LIST, others.length < list.length ? others : [...list, [kind, slug]].slice(-50))) return;
    event.preventDefault();
    say();
  };
  link.addEventListener("click", press);
  link.addEventListener("keydown", (event) => event.key === " " && (event.preventDefault(), link.click()));
  say();
}

function copying(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent.trim().replace(/\s+/g, " "));
    button.textContent = button.dataset.copied;
  });
}

export function startFamilies() {
  if (location.pathname === LIKE_MINE) onLikeMine();
  if (location.pathname === MY_LIST) myList();
  fitFirst(document.querySelector("[data-fit-first]"));
  document.querySelectorAll("a[data-keep]").forEach(keeping);
  document.querySelectorAll("button[data-copies]").forEach(copying);
  // The family's own language comes first among the cards in other languages.
  const language = family().get("language");
  const own = language && document.querySelector(`.hub-keep a[hreflang="${CSS.escape(language)}"]`);
  if (own) own.closest("ul").prepend(own.closest("li"));
}
