// <convoke-events src="https://hub.example/embed/organizations/…" view="month" lang="de">…</convoke-events>
// Dates of a Convoke hub, in a page of any site. What stands between the tags is shown until they are
// there, and where they cannot be had. All that people wrote is put into the page as text.
const PATIENCE_MS = 20000;
const asked = new Map(); // by address: elements that show the same ask once

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: block; container-type: inline-size; overflow-wrap: anywhere; line-height: 1.45; }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
ol, ul, p, h3, h4 { margin: 0; padding: 0; list-style: none; }
h3, h4 { font-size: 1em; }
a { color: inherit; text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
.day, .place { padding-block: 0.625em; border-block-start: 1px solid var(--convoke-line, color-mix(in srgb, currentColor 25%, transparent)); }
.date { display: grid; grid-template-columns: 7.5em 1fr; gap: 0 1em; padding-block: 0.25em; }
.place .date { grid-template-columns: 1fr; }
.date a { display: inline-block; padding-block: 0.25em; font-weight: 600; text-align: -webkit-match-parent; text-align: match-parent; }
.off a, .off .when { text-decoration: line-through; }
.soft { opacity: 0.8; font-size: 0.9em; }
.said { font-weight: 600; }
.turn { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0 1em; margin-block-end: 0.5em; }
.turn h3 { flex: 1 0 100%; text-align: center; }
button { min-height: 2.75rem; padding: 0 0.75em; border: 1px solid currentColor; border-radius: 0.5rem; background: none; color: inherit; font: inherit; cursor: pointer; }
.grid .empty, .brief { display: none; }
.all { display: inline-block; padding-block: 0.75em; }
svg { direction: ltr; display: block; width: 100%; max-width: 45rem; height: auto; border: 1px solid; }
svg path { fill: none; stroke: currentColor; stroke-opacity: 0.35; }
svg .land { fill: currentColor; fill-opacity: 0.06; stroke-opacity: 0.6; }
svg .scale { stroke-opacity: 1; stroke-width: 2; }
svg circle { fill: currentColor; }
svg text { fill: currentColor; font: 600 13px system-ui, sans-serif; }
svg .number { fill: Canvas; text-anchor: middle; }
@container (max-width: 24rem) { .date { grid-template-columns: 1fr; } }
@container (min-width: 30rem) { .turn h3 { flex: 1; order: 1; } .turn :last-child { order: 2; } }
@container (min-width: 44rem) {
  .grid { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); gap: 1px; }
  .grid .day { min-height: 5.5em; padding: 0.25em 0.375em; }
  .grid .empty, .grid .brief { display: block; }
  .grid .long { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .grid .date { display: block; font-size: 0.9em; }
  .grid .where { display: none; }
  .grid .other { opacity: 0.6; }
}
.today h4 { text-decoration: underline; text-decoration-thickness: 3px; }
`);

/** An element with what it has in it: others, or text. */
function made(name, given = {}, ...within) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) element.setAttribute(key, value);
  element.append(...within.filter((each) => each !== null));
  return element;
}

function drawn(name, given, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(given)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

/** Only where people can read it: nobody's words become an address that does something. */
function link(address, text, hub, given = {}) {
  const to = new URL(address, hub);
  if (to.protocol !== "https:" && to.protocol !== "http:") return made("span", given, text);
  return made("a", { href: to.href, target: "_blank", rel: "noopener", ...given }, text);
}

function date(one, hub) {
  return made("li", { class: one.isOff ? "date off" : "date" },
    made("p", { class: "when" }, one.when),
    made("div", {},
      made("p", {}, link(one.url, one.title, hub, { lang: "", dir: "auto" })),
      one.said ? made("p", { class: "said" }, one.said) : null,
      made("p", { class: "soft where" }, made("bdi", { lang: "" }, one.where.join(" · ")))));
}

function day(one, hub) {
  const classes = ["day"];
  if (!one.dates.length) classes.push("empty");
  if (one.isOther) classes.push("other");
  if (one.isToday) classes.push("today");
  return made("li", { class: classes.join(" ") },
    made("h4", {}, made("span", { class: "long" }, one.said),
      made("span", { class: "brief", "aria-hidden": "true" }, one.brief)),
    made("ol", {}, ...one.dates.map((each) => date(each, hub))));
}

function place(one, hub) {
  return made("li", { class: "place" },
    made("h4", {}, `${one.number}. `, made("bdi", { lang: "" }, one.name)),
    made("ol", {}, ...one.dates.map((each) => date(each, hub))));
}

function map(given, words) {
  const svg = drawn("svg", {
    viewBox: `0 0 ${Number(given.width)} ${Number(given.height)}`, role: "img", "aria-label": words,
  });
  for (const [name, path] of [["land", given.land], ["border", given.borders], ["grid", given.grid]]) {
    if (path) svg.append(drawn("path", { class: name, d: path, "fill-rule": "evenodd" }));
  }
  for (const [x, y, number] of [...given.spots].reverse()) {
    svg.append(drawn("circle", { cx: x, cy: y, r: 11 }),
      drawn("text", { class: "number", x, y: y + 4 }, number));
  }
  const low = given.height - 16;
  svg.append(drawn("path", { class: "scale", d: `M10 ${low}v6h${Number(given.scale.pixels)}v-6` }),
    drawn("text", { x: 14, y: low - 2 }, given.scale.words));
  return svg;
}

async function asking(address) {
  const answer = await fetch(address, {
    credentials: "omit", referrerPolicy: "origin", signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!answer.ok) throw new Error(`${address}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
  return answer.json();
}

function once(address) {
  if (!asked.has(address)) {
    const answer = asking(address);
    asked.set(address, answer);
    answer.catch(() => asked.delete(address)); // it may be asked again
  }
  return asked.get(address);
}

class ConvokeEvents extends HTMLElement {
  static observedAttributes = ["src", "view", "lang"];
  #shadow = this.attachShadow({ mode: "open" });
  #wanted = null; // the address that is shown, or about to be

  constructor() {
    super();
    this.#shadow.adoptedStyleSheets = [sheet];
    this.#shadow.append(made("slot"));
  }

  connectedCallback() { queueMicrotask(() => this.#begin()); }

  attributeChangedCallback() { if (this.isConnected) queueMicrotask(() => this.#begin()); }

  /** Several attributes may have been set in one go. */
  #begin() {
    const address = this.#address();
    if (address === this.#wanted) return;
    if (address) this.#show(address);
  }

  #address() {
    if (!this.getAttribute("src")) return null;
    const to = new URL(this.getAttribute("src"), document.baseURI);
    to.pathname += ".json";
    const words = { view: this.getAttribute("view"), lang: this.closest("[lang]")?.lang };
    for (const [name, word] of Object.entries(words)) {
      if (word && !to.searchParams.has(name)) to.searchParams.set(name, word);
    }
    return to.href;
  }

  async #show(address, focused = null) {
    this.#wanted = address;
    let parts;
    try {
      parts = this.#parts(await once(address), new URL(address));
    } catch (problem) {
      console.warn("convoke-events:", problem);
      parts = [made("slot")];
    }
    if (this.#wanted !== address) return; // another one is on its way
    this.#shadow.replaceChildren(...parts);
    if (focused) this.#shadow.querySelector(`[data-turn="${focused}"]`)?.focus();
  }

  #parts(told, hub) {
    const { words } = told;
    const parts = [];
    if (told.before) {
      parts.push(made("div", { class: "turn" }, made("h3", {}, told.title),
        this.#turn("before", words.before, new URL(told.before, hub)),
        this.#turn("behind", words.behind, new URL(told.behind, hub))));
    }
    if (words.none) parts.push(made("p", { role: "status" }, words.none));
    else {
      if (told.map) parts.push(map(told.map, words.map));
      if (words.outlines) parts.push(made("p", { class: "soft" }, words.outlines));
      parts.push(made("ol", { class: told.before ? "days grid" : "days" },
        ...told.days.map((each) => day(each, hub)), ...told.places.map((each) => place(each, hub))));
      parts.push(made("p", { class: "soft" }, words.clocks));
    }
    parts.push(made("p", {}, link(told.url, words.all, hub, { class: "all" })));
    return [made("div", { lang: told.language, dir: told.direction }, ...parts)];
  }

  #turn(name, words, to) {
    const button = made("button", { type: "button", "data-turn": name }, words);
    button.addEventListener("click", () => this.#show(to.href, name));
    return button;
  }
}

if (!customElements.get("convoke-events")) customElements.define("convoke-events", ConvokeEvents);
