// The random value of a receipt, drawn where it stays: in this tab. Only its commitment is sent.
// Whatever fails here leaves the field empty, and the server draws as it does without scripts.
"use strict";
(async () => {
  const form = document.querySelector("form[data-step]");
  const { step, petition, origin, again } = form.dataset;
  const { hex, unhex, uuid, commitment } = receiptBytes;
  const place = `receipt/${petition}`;
  let kept = JSON.parse(sessionStorage.getItem(place));
  // One value per login: a reload sends the same one, the next person at this tab another.
  if (!kept || kept.step !== step || again !== undefined) {
    kept = { step, r: hex(crypto.getRandomValues(new Uint8Array(32))) };
    sessionStorage.setItem(place, JSON.stringify(kept));
  }
  form.elements.c.value = hex(await commitment(origin, uuid(petition), unhex(kept.r)));
  for (const each of document.querySelectorAll("[data-drawn]")) each.hidden = each.dataset.drawn !== "here";
})().catch(() => {});
