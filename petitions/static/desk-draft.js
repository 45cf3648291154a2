// Keeps what is written about a case as a draft, a few seconds after it was written. The page does
// the same at each button, and everything works without this file.
"use strict";
(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const written = () => {
    const fields = new FormData(form);
    fields.set("do", "draft");
    return new URLSearchParams(fields);
  };
  let kept = written().toString();
  let waiting = 0;
  const keep = async () => {
    const now = written();
    if (now.toString() === kept) return;
    try {
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST", body: now, redirect: "manual", credentials: "same-origin", keepalive: true,
      });
      if (answer.status === 204) kept = now.toString();
    } catch {
      // no network just now: the next change tries again
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 4000);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep();
  });
})();
