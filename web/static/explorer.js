// The explorer: asks this hub, shows what it answers, and reads its schema. No library, no storage
// but the draft of the query for this tab. Nothing from an answer is ever taken for HTML.
"use strict";
const $ = (id) => document.getElementById(id);
const DRAFT = "convoke-explorer-query";
const EXAMPLES = {
  "This hub": "{\n  hub {\n    name\n    url\n    software\n  }\n}\n",
  "What is coming up": "query ComingUp($first: Int = 5) {\n  events(first: $first) {\n    nodes {\n      title\n      startsAt\n      timeZone\n      place {\n        name\n        locality\n      }\n      host {\n        name\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n",
  "Events near a place": "query NearMe($latitude: Float!, $longitude: Float!) {\n  events(first: 5, orderBy: DISTANCE_ASC, filter: {near: {latitude: $latitude, longitude: $longitude, radiusKm: 25}}) {\n    nodes {\n      title\n      startsAt\n      place {\n        name\n        latitude\n        longitude\n      }\n    }\n  }\n}\n",
  "Organizations": "{\n  organizations(first: 10) {\n    nodes {\n      id\n      name\n      summary\n      causes\n    }\n  }\n}\n",
  "Alliances and their members": "{\n  alliances(first: 5) {\n    nodes {\n      name\n      purpose\n      members(first: 10) {\n        nodes {\n          role\n          organization {\n            name\n          }\n        }\n      }\n    }\n  }\n}\n",
  "What my token may do": "{\n  viewer {\n    client\n    scopes\n    person {\n      displayName\n    }\n    organization {\n      name\n    }\n  }\n}\n",
};
const EXAMPLE_VARIABLES = { "Events near a place": '{"latitude": 39.1653, "longitude": -86.5264}' };
// What the schema panel reads: a part of the usual introspection, which every hub answers.
const INTROSPECTION = `query IntrospectionQuery { __schema { queryType { name } mutationType { name }
  types { kind name description fields(includeDeprecated: true) { name description isDeprecated deprecationReason
    args { name description defaultValue type { ...Ref } } type { ...Ref } }
    inputFields { name description defaultValue type { ...Ref } } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { name } interfaces { name } } } }
fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }`;

async function ask(body) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json, application/json;q=0.9" };
  const token = $("token").value.trim();
  if (token) headers.authorization = "Bearer " + token;
  return fetch(location.pathname, { method: "POST", headers, body: JSON.stringify(body), credentials: "omit", redirect: "error" });
}

// ── asking ──────────────────────────────────────────────────────────────────────────────────────

function operations(text) {
  const bare = text.replace(/"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g, "");
  return [...bare.matchAll(/(?:^|\})\s*(?:query|mutation)\s+([_A-Za-z]\w*)/g)].map((match) => match[1]);
}

function offerOperations() {
  const names = operations($("query").value);
  const chosen = $("operation").value;
  $("operation").replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)));
  $("operation").hidden = names.length < 2;
}

async function run() {
  const body = { query: $("query").value };
  const written = $("variables").value.trim();
  if (written) {
    try {
      body.variables = JSON.parse(written);
    } catch (error) {
      $("more").open = true;
      $("variables").focus();
      return say("The variables are not JSON: " + error.message, true);
    }
  }
  if (!$("operation").hidden) body.operationName = $("operation").value;
  $("run").disabled = true;
  say("Asking…");
  const began = performance.now();
  try {
    const response = await ask(body);
    const text = await response.text();
    const took = Math.round(performance.now() - began);
    show(text);
    const errors = countErrors(text);
    const parts = [`${response.status}`, `${took} ms`, size(text.length)];
    if (errors) parts.unshift(errors === 1 ? "1 error" : `${errors} errors`);
    const requestId = response.headers.get("x-request-id");
    if (errors && requestId) parts.push("request " + requestId);
    say(parts.join(" · "), errors > 0 || !response.ok);
    if (innerWidth < 832) $("told").scrollIntoView(); // one column: the answer is below the query
  } catch (error) {
    show("");
    say("The hub did not answer: " + error.message, true);
  } finally {
    $("run").disabled = false;
  }
}

function countErrors(text) {
  try { return (JSON.parse(text).errors || []).length; } catch { return 0; }
}

function size(bytes) { return bytes < 1000 ? bytes + " B" : (bytes / 1000).toFixed(1) + " kB"; }

function say(text, bad = false) {
  $("status").textContent = text;
  $("status").classList.toggle("bad", bad);
}

// ── showing ─────────────────────────────────────────────────────────────────────────────────────

function show(text) {
  const answer = $("answer");
  answer.replaceChildren();
  let pretty = text;
  try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch { answer.textContent = text; return; }
  if (pretty.length > 200000) { answer.textContent = pretty; return; }
  const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  let last = 0;
  for (const match of pretty.matchAll(token)) {
    answer.append(pretty.slice(last, match.index));
    answer.append(piece(match[2] ? "k" : match[1] ? "s" : "n", match[1] || match[0]), match[2] || "");
    last = match.index + match[0].length;
  }
  answer.append(pretty.slice(last));
}

function piece(kind, text) {
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = text;
  return span;
}

// ── the schema ──────────────────────────────────────────────────────────────────────────────────

let types = null;
let roots = [];
const trail = [];

async function openDocs() {
  $("docs").hidden = false;
  $("show-docs").setAttribute("aria-expanded", "true");
  document.querySelector("main").classList.add("with-docs");
  if (!types) {
    $("doc").textContent = "Reading the schema…";
    try {
      const schema = (await (await ask({ query: INTROSPECTION })).json()).data.__schema;
      types = new Map(schema.types.filter((type) => !type.name.startsWith("__")).map((type) => [type.name, type]));
      roots = [schema.queryType, schema.mutationType].filter(Boolean).map((type) => type.name);
      visit(roots[0]);
    } catch (error) {
      $("doc").textContent = "The schema could not be read: " + error.message;
    }
  }
}

function closeDocs() {
  $("docs").hidden = true;
  $("show-docs").setAttribute("aria-expanded", "false");
  document.querySelector("main").classList.remove("with-docs");
  $("show-docs").focus();
}

function visit(name) {
  trail.push(name);
  draw();
  $("doc").focus({ preventScroll: true });
  $("docs").scrollTop = 0;
}

function back() {
  if ($("find").value) $("find").value = "";
  else trail.pop();
  draw();
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

function reference(type) {
  if (type.kind === "NON_NULL") return [...reference(type.ofType), "!"];
  if (type.kind === "LIST") return ["[", ...reference(type.ofType), "]"];
  return [link(type.name)];
}

function link(name) {
  if (!types.has(name)) return name;
  const button = element("button", "type", name);
  button.type = "button";
  button.addEventListener("click", () => { $("find").value = ""; visit(name); });
  return button;
}

function words(thing) {
  const said = [thing.description, thing.isDeprecated ? "Deprecated: " + (thing.deprecationReason || "") : ""].filter(Boolean).join(" ");
  return said ? element("p", "", said) : null;
}

function described(thing) {
  const name = element("span", thing.isDeprecated ? "name old" : "name", thing.name);
  const signature = element("div", "sig", name);
  if (thing.type) signature.append(": ", ...reference(thing.type));
  if (thing.defaultValue) signature.append(" = " + thing.defaultValue);
  const item = element("li", "", signature, words(thing));
  if (thing.args && thing.args.length) item.append(element("ul", "arguments", ...thing.args.map(described)));
  return item;
}

function section(title, things, drawn) {
  return things && things.length ? [element("h3", "", title), element("ul", "", ...things.map(drawn))] : [];
}

const linked = (type) => element("li", "", element("div", "sig", link(type.name)));

function draw() {
  const sought = $("find").value.trim().toLowerCase();
  $("back").disabled = trail.length < 2 && !sought;
  if (!types) return;
  const type = types.get(trail[trail.length - 1]);
  const kind = type.kind.toLowerCase().replace("_", " ");
  $("doc").replaceChildren(...(sought ? found(sought) : [
    element("h2", "", type.name), element("p", "", kind), words(type) || "",
    ...section("Fields", type.fields, described), ...section("Input fields", type.inputFields, described),
    ...section("Values", type.enumValues, described), ...section("Implements", type.interfaces, linked),
    ...section("One of", type.possibleTypes, linked),
    ...(roots.includes(type.name) ? section("Start at", roots.map((name) => ({ name })), linked) : []),
  ]));
}

function found(sought) {
  const named = [...types.values()].filter((type) => type.name.toLowerCase().includes(sought));
  const fields = [...types.values()].flatMap((type) => (type.fields || type.inputFields || [])
    .filter((field) => field.name.toLowerCase().includes(sought))
    .map((field) => element("li", "", element("div", "sig", link(type.name), "." + field.name), words(field))));
  if (!named.length && !fields.length) return [element("p", "", "Nothing has that in its name.")];
  return [...section("Types", named.slice(0, 40), linked), ...section("Fields", fields.slice(0, 80), (item) => item)];
}

// ── the page ────────────────────────────────────────────────────────────────────────────────────

function keepIndent(event) {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
  const area = event.target;
  const before = area.value.slice(0, area.selectionStart);
  const indent = /(?:^|\n)([ \t]*)[^\n]*$/.exec(before)[1] + (/[{(\[]\s*$/.test(before) ? "  " : "");
  if (!indent) return;
  event.preventDefault();
  area.setRangeText("\n" + indent, area.selectionStart, area.selectionEnd, "end");
}

function keep() {
  offerOperations();
  try { sessionStorage.setItem(DRAFT, $("query").value); } catch { /* storage is off: the draft is not kept */ }
}

function begin() {
  let draft = "";
  try { draft = sessionStorage.getItem(DRAFT) || ""; } catch { /* storage is off: begin afresh */ }
  $("query").value = draft || EXAMPLES["This hub"];
  for (const name of Object.keys(EXAMPLES)) $("examples").append(new Option(name, name));
  $("examples").addEventListener("change", () => {
    const name = $("examples").value;
    if (!name) return;
    $("query").value = EXAMPLES[name];
    $("variables").value = EXAMPLE_VARIABLES[name] || "";
    $("more").open = name in EXAMPLE_VARIABLES || $("more").open;
    keep();
  });
  $("run").addEventListener("click", run);
  $("query").addEventListener("keydown", keepIndent);
  $("query").addEventListener("input", keep);
  $("show-docs").addEventListener("click", () => ($("docs").hidden ? openDocs() : closeDocs()));
  $("hide-docs").addEventListener("click", closeDocs);
  $("back").addEventListener("click", back);
  $("find").addEventListener("input", draw);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); if (!$("run").disabled) run(); }
    if (event.key === "Escape" && !$("docs").hidden) closeDocs();
  });
  offerOperations();
}
begin();
