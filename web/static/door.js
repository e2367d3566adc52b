// Narrows the names on the list at the door while one types. Without it, the button beside the field
// searches; with it, too, for there may be more names than are on the page.
(() => {
  "use strict";
  const field = document.querySelector("[data-narrows]");
  if (!field) return;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
  const lines = Array.from(document.querySelectorAll(".door > li"), (line) => [
    line, plain(line.querySelector("b").textContent),
  ]);
  field.addEventListener("input", () => {
    const wanted = plain(field.value);
    for (const [line, name] of lines) line.hidden = !name.includes(wanted);
  });
})();
