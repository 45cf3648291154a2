// Single letters at the clerk's desk. Everything here can be done without them; the page
// "Keyboard shortcuts" lists them and switches them off (WCAG 2.1.4).
"use strict";
(() => {
  const typing = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]";
  const rows = () => [...document.querySelectorAll("tbody a[data-row]")];
  const grounds = () => [...new Set([...document.querySelectorAll('input[type=radio][name^="finding-"]')].map((each) => each.name))];
  const radio = (name, value) => document.querySelector(`input[name="${CSS.escape(name)}"][value="${value}"]`);

  const step = (by) => {
    const all = rows();
    const row = document.activeElement.closest("tr");
    const here = all.findIndex((each) => each.closest("tr") === row);
    const next = all[here < 0 ? 0 : Math.min(all.length - 1, Math.max(0, here + by))];
    if (next) next.focus();
    return Boolean(next);
  };
  const tick = () => {
    const box = document.activeElement.closest("tr")?.querySelector('input[name="case"]');
    if (box) box.click();
    return Boolean(box);
  };
  const find = (value) => {
    const names = grounds();
    const here = document.activeElement.name;
    const name = names.includes(here)
      ? here
      : names.find((each) => !document.querySelector(`input[name="${CSS.escape(each)}"]:checked`)) ?? names[0];
    const wanted = name && radio(name, value);
    if (!wanted) return false;
    wanted.click();
    const next = names[names.indexOf(name) + 1];
    const onward = next ? radio(next, value) : document.querySelector('input[name="decision"]');
    (onward ?? wanted).focus();
    return true;
  };
  const marked = (key) => {
    const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((each) => each.offsetParent !== null);
    if (!found) return false;
    found.focus();
    if (found.matches("a, button") && !("hold" in found.dataset)) found.click();
    return true;
  };
  const acts = { j: () => step(1), k: () => step(-1), x: tick, c: () => find("clear"), a: () => find("applies") };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.target.matches(typing)) return;
    if ((Object.hasOwn(acts, event.key) && acts[event.key]()) || (event.key.length === 1 && event.key !== " " && marked(event.key))) {
      event.preventDefault();
    }
  });
})();
