// What a page does better with a script. Without one it is complete: each part of it that needs one is hidden.
(() => {
  "use strict";
  const all = (what) => document.querySelectorAll(what);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // The time of an event on the reader's own clock, where that is another one.
  for (const each of all("[data-starts]")) {
    const { starts, ends } = each.dataset;
    const told = new Intl.DateTimeFormat(document.documentElement.lang, {
      weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    });
    const here = -new Date(starts).getTimezoneOffset();
    if (zone && here !== Number(each.dataset.offset)) {
      each.querySelector("span").textContent = ends
        ? told.formatRange(new Date(starts), new Date(ends))
        : told.format(new Date(starts));
      each.hidden = false;
    }
  }
  for (const button of all("[data-share]")) {
    if (!navigator.share) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.share({ title: document.title, url: button.dataset.share }).catch((gone) => {
        if (gone.name !== "AbortError") throw gone;
      });
    });
  }
  for (const button of all("[data-near]")) {
    if (!navigator.geolocation) continue;
    button.hidden = false;
    const said = document.getElementById(button.dataset.near);
    button.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(
        // Two digits are a kilometre: near enough, and nobody's house.
        ({ coords }) => location.assign(
          `/events?near=${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`),
        () => { said.hidden = false; },
        { maximumAge: 600000, timeout: 10000 },
      );
    });
  }
})();
