// A receipt as it was saved, from what mail programs make of its text: the same as the server does
// (petitions/ledger/receipt_text.py). No field holds a space, so the words alone give the file back.
"use strict";
const receiptText = (() => {
  const RECEIPT = "petition-receipt/v1", PROOF = "c2sp.org/tlog-proof@v1", DASH = "\u2014", BLOB = 92;
  const UNSEEN = /[\u00ad\u200b\u2060\ufeff]/g, GAP = /[\t-\r \u0085\u00a0\u2028\u2029\u202f]+/;
  const signatures = (words) => {
    const lines = [];
    for (let at = 0; at + 2 < words.length; at += 3) {
      if (words[at] !== DASH || words[at + 2].length < BLOB) break;
      lines.push(words.slice(at, at + 3).join(" "));
    }
    return lines;
  };
  const ofReceipt = (words) => {
    const shape = [1, 3, 7, 9].map((at) => words[at]).join(" "), signed = signatures(words.slice(11));
    if (shape !== "extra petition-promise/v1 from by" || !signed.length) return [];
    return [RECEIPT, `extra ${words[2]}`, "", ...words.slice(3, 7), `from ${words[8]} by ${words[10]}`, "", ...signed];
  };
  const ofProof = (words) => {
    const end = words.indexOf(DASH), signed = signatures(words.slice(end));
    if (words[1] !== "extra" || words[3] !== "index" || end < 8 || !signed.length) return [];
    const head = [PROOF, `extra ${words[2]}`, `index ${words[4]}`];
    return [...head, ...words.slice(5, end - 3), "", ...words.slice(end - 3, end), "", ...signed];
  };
  const restored = (text) => {
    const words = text.replace(UNSEEN, "").split(GAP).map((each) => each.replace(/^>+/, "")).filter(Boolean);
    const headings = words.filter((each) => each === RECEIPT || each === PROOF);
    if (headings.length !== 1) return text;
    const own = words.slice(words.indexOf(headings[0]));
    const lines = headings[0] === RECEIPT ? ofReceipt(own) : ofProof(own);
    return lines.length ? `${lines.join("\n")}\n` : text;
  };
  return { restored };
})();
