// Asks the browser for a passkey, and puts its answer into a form, which is sent like any other.
// A form says what to ask in `data-passkey`, in JSON (WebAuthn s5.1.8 and s5.1.9); with
// `data-beside-names`, the passkey may be picked where a name is typed, too. What may be said to the
// reader stands in the form, each hidden, under the name of the error that calls for it.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (each) => String.fromCharCode(each)).join(""))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => list.map((each) => ({ ...each, id: bytes(each.id) }));

  const asked = (options) => {
    const made = { ...options, challenge: bytes(options.challenge) };
    if (options.user) made.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) made.excludeCredentials = known(options.excludeCredentials);
    if (options.allowCredentials) made.allowCredentials = known(options.allowCredentials);
    return made;
  };

  const answered = ({ id, rawId, type, response }) => {
    const said = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      said.attestationObject = text(response.attestationObject);
      said.transports = response.getTransports ? response.getTransports() : [];
    } else {
      said.authenticatorData = text(response.authenticatorData);
      said.signature = text(response.signature);
      if (response.userHandle) said.userHandle = text(response.userHandle);
    }
    return JSON.stringify({ id, rawId: text(rawId), type, response: said });
  };

  const say = (form, name) => {
    const all = [...form.querySelectorAll("[data-said]")];
    const fits = all.filter((each) => each.dataset.said === name);
    const shown = name && !fits.length ? all.filter((each) => each.dataset.said === "other") : fits;
    for (const each of all) each.hidden = !shown.includes(each);
  };

  const opened = Date.now();
  let beside = null; // the question that waits where a name is typed

  const ask = async (form, how) => {
    const publicKey = asked(JSON.parse(form.dataset.passkey));
    const given = await (publicKey.user
      ? navigator.credentials.create({ publicKey })
      : navigator.credentials.get({ publicKey, ...how }));
    form.elements.namedItem("answer").value = answered(given);
    form.submit();
  };

  const press = async (form, button) => {
    if (Date.now() - opened > JSON.parse(form.dataset.passkey).timeout) {
      window.location.replace(window.location.href); // too old to be answered: a new question
      return;
    }
    if (beside) beside.abort(); // a browser answers one at a time
    say(form, "");
    button.disabled = true;
    try {
      await ask(form, {});
    } catch (problem) {
      button.disabled = false;
      say(form, problem.name);
    }
  };

  const offerBesideNames = async (form) => {
    const can = window.PublicKeyCredential.isConditionalMediationAvailable;
    if (!can || !(await can.call(window.PublicKeyCredential))) return;
    beside = new AbortController();
    setTimeout(() => beside.abort(), JSON.parse(form.dataset.passkey).timeout);
    try {
      await ask(form, { mediation: "conditional", signal: beside.signal });
    } catch {
      // Nobody picked one: the button and the other ways are there.
    }
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      press(form, form.querySelector("button[type=submit]"));
    });
    if ("besideNames" in form.dataset) offerBesideNames(form);
  }
  for (const each of document.querySelectorAll("[data-without-passkeys]")) each.hidden = true;
})();
