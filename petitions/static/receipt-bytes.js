// Bytes of receipts: encodings and hashes as docs/receipts.md gives them. Used by the other scripts.
"use strict";
const receiptBytes = (() => {
  const utf8 = (text) => new TextEncoder().encode(text);
  const join = (...parts) => {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { out.set(part, at); at += part.length; }
    return out;
  };
  const be4 = (n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
  // Every item with its length, so that two different lists never share their bytes.
  const enc = (...items) => join(...items.flatMap((item) => {
    const bytes = typeof item === "string" ? utf8(item) : item;
    return [be4(bytes.length), bytes];
  }));
  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  const base64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
  const unbase64 = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    if (base64(bytes) !== text) throw new Error("not the canonical spelling");
    return bytes;
  };
  const uuid = (text) => unhex(text.replaceAll("-", ""));
  const commitment = (origin, petition, r) => sha256(enc("petition/receipt/v1", origin, petition, r));
  const extra = (petition, r) => base64(join([1], petition, r));
  const download = (text) => `data:text/plain;base64,${base64(utf8(text))}`;
  return { utf8, join, sha256, hex, unhex, base64, unbase64, uuid, commitment, extra, download };
})();
