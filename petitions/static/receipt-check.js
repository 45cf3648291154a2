// Checks a receipt in this browser: from the log's public files, with the steps and the words that
// the server uses where scripts are off (petitions/ledger/receipt_check.py). Nothing is sent.
"use strict";
(() => {
  const form = document.querySelector("form[data-logs]");
  if (!form || !globalThis.crypto || !crypto.subtle) return; // then the form goes to the server
  const { join, sha256, hex, base64, unbase64, utf8, commitment, extra, download } = receiptBytes;
  const { restored } = receiptText;
  const LOGS = JSON.parse(form.dataset.logs), SENTENCES = JSON.parse(form.dataset.sentences);
  const WIDTH = 256, HASH = 32, SIGN = 0x10, VKEY = 3, BATCH = 0x7f, AT_ONCE = 6;
  const ROLE_LOG = 1, ROLE_PROMISE = 2;
  const WRONG = new Set(["value_wrong", "promise_forged", "checkpoint_forged", "log_disagrees", "broken", "late", "proof_wrong"]);
  const FIRST = new Set([...WRONG, "not_yet", "log_unreadable", "promise_unchecked", "checkpoint_unchecked"]);

  class Stop extends Error {} // the check ends here with what was found
  class Unreadable extends Error {}
  const need = (fits) => { if (!fits) throw new Unreadable("malformed"); };
  const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
  const number = (text) => { need(/^(0|[1-9][0-9]{0,15})$/.test(text)); return Number(text); };
  const be8 = (bytes) => Number(new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8).getBigUint64(0));
  const bytesOf = (text, length) => {
    let found;
    try { found = unbase64(text); } catch { throw new Unreadable("base64"); }
    need(length === undefined || found.length === length);
    return found;
  };
  const parted = (text, by, last) => {
    const at = last ? text.lastIndexOf(by) : text.indexOf(by);
    need(at >= 0);
    return [text.slice(0, at), text.slice(at + by.length)];
  };

  // Signed notes (C2SP signed-note)
  const splitNote = (note) => {
    const [text, lines] = parted(note, "\n\n", true);
    need(lines.endsWith("\n") && !/[\u0000-\u0009\u000b-\u001f]/.test(note));
    const signatures = lines.slice(0, -1).split("\n").map((line) => {
      const found = /^\u2014 ([^\s+]+) (\S+)$/.exec(line);
      need(found);
      const blob = bytesOf(found[2]);
      need(blob.length >= 5);
      return { name: found[1], id: hex(blob.slice(0, 4)), signature: blob.slice(4) };
    });
    return { body: `${text}\n`, signatures };
  };
  const readKey = (vkey) => {
    const found = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey);
    need(found);
    const key = bytesOf(found[3], 33);
    need(key[0] === 1);
    return { name: found[1], id: found[2], key: key.slice(1) };
  };
  // "signed", "forged", or "unchecked" where this browser has no Ed25519
  const judge = async (note, vkeys) => {
    const { body, signatures } = splitNote(note);
    let vouched = false;
    for (const { name, id, key } of vkeys.map(readKey)) {
      for (const each of signatures.filter((one) => one.name === name && one.id === id)) {
        let good;
        try {
          const verifier = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
          good = await crypto.subtle.verify({ name: "Ed25519" }, verifier, each.signature, utf8(body));
        } catch { return "unchecked"; }
        if (!good) return "forged";
        vouched = true;
      }
    }
    return vouched ? "signed" : "forged";
  };

  // The keys that a log ever had: [role, verifier key, smallest size, largest size or null]
  const isEd25519 = (vkey) => { try { return Boolean(readKey(vkey)); } catch { return false; } };
  const signersAt = (log, size) => {
    const of = log.keys.filter(([role, vkey, from, until]) =>
      role === ROLE_LOG && from <= size && (until === null || size <= until) && isEd25519(vkey));
    return of.length ? of.map(([, vkey]) => vkey) : log.vkeys;
  };
  // leaf → key, of those not retired before a log of `first` entries
  const promisers = (log, first) => new Map(log.keys
    .filter(([role, , , until]) => role === ROLE_PROMISE && (until === null || until >= first))
    .map(([, vkey, from]) => [from - 1, vkey]));

  // Receipts and proofs
  const readExtra = (line) => {
    need(line.startsWith("extra "));
    const bytes = bytesOf(line.slice(6), 49);
    need(bytes[0] === 1);
    return { petition: bytes.slice(1, 17), r: bytes.slice(17) };
  };
  const readCheckpoint = (note) => {
    const lines = splitNote(note).body.split("\n");
    need(lines.length === 4 && lines[0]);
    return { origin: lines[0], size: number(lines[1]), root: bytesOf(lines[2], HASH) };
  };
  const readPromise = (note) => {
    const lines = splitNote(note).body.split("\n");
    const words = (lines[4] || "").split(" ");
    need(lines.length === 6 && lines[0] === "petition-promise/v1" && words.length === 4);
    need(words[0] === "from" && words[2] === "by");
    return {
      origin: lines[1], petition: lines[2], leaf: bytesOf(lines[3], HASH),
      first: number(words[1]), by: number(words[3]),
    };
  };
  const readFile = (text) => {
    const [head, note] = parted(text, "\n\n");
    const lines = head.split("\n"), heading = lines.shift();
    const { petition, r } = readExtra(lines.shift() || "");
    if (heading === "petition-receipt/v1") {
      need(!lines.length);
      return { petition, r, note, promise: readPromise(note) };
    }
    need(heading === "c2sp.org/tlog-proof@v1" && lines.length > 0 && lines.length <= 65);
    const first = lines.shift();
    need(first.startsWith("index "));
    const proof = lines.map((line) => bytesOf(line, HASH));
    return { petition, r, note, index: number(first.slice(6)), proof, checkpoint: readCheckpoint(note) };
  };
  const dashed = (bytes) => hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const shortCode = (c) => {
    const bits = Array.from(c.slice(0, 10), (b) => b.toString(2).padStart(8, "0")).join("");
    const letters = bits.match(/.{5}/g).map((five) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[parseInt(five, 2)]);
    return letters.join("").match(/.{4}/g).join("-");
  };

  // The tree (RFC 9162) in tiles (C2SP tlog-tiles)
  const node = (left, right) => sha256(join([1], left, right));
  const leafHash = (entry) => sha256(join([0], entry));
  const included = async (leaf, index, size, proof, root) => {
    if (index >= size) return false;
    let fn = BigInt(index), sn = BigInt(size - 1), found = leaf;
    for (const step of proof) {
      if (sn === 0n) return false;
      if (fn & 1n || fn === sn) {
        found = await node(step, found);
        while (!(fn & 1n) && fn) { fn >>= 1n; sn >>= 1n; }
      } else found = await node(found, step);
      fn >>= 1n; sn >>= 1n;
    }
    return sn === 0n && same(found, root);
  };
  const split = (n) => { let k = 1; while (k * 2 < n) k *= 2; return k; };
  const numbered = (n, width) => {
    let name = String(n % 1000).padStart(3, "0");
    for (let rest = Math.floor(n / 1000); rest; rest = Math.floor(rest / 1000)) {
      name = `x${String(rest % 1000).padStart(3, "0")}/${name}`;
    }
    return width === WIDTH ? name : `${name}.p/${width}`;
  };

  const fetchFile = async (log, ...names) => {
    for (const name of names) {
      const answer = await fetch(`/log/${log.id}/${name}`, { credentials: "omit" });
      if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
      need(answer.status === 404);
    }
    return null;
  };

  class Published { // the log's files at one size
    constructor(log, size) { Object.assign(this, { log, size, tiles: new Map(), bundles: new Map() }); }
    bundle(n) {
      if (!this.bundles.has(n)) this.bundles.set(n, this.#bundle(n));
      return this.bundles.get(n);
    }
    async #bundle(n) {
      const width = Math.min(WIDTH, this.size - n * WIDTH), entries = [];
      const raw = await fetchFile(this.log, `tile/entries/${numbered(n, width)}`, `tile/entries/${numbered(n, WIDTH)}`);
      need(raw);
      for (let at = 0; at + 2 <= raw.length && entries.length < width;) {
        const start = at + 2;
        at = start + raw[start - 2] * 256 + raw[start - 1];
        need(at <= raw.length && at - start >= 18);
        entries.push(raw.slice(start, at));
      }
      need(entries.length === width);
      return entries;
    }
    // Level 0 is hashed from the bundles, which are read anyway: asking for one tile would tell which.
    tile(level, n) {
      const key = `${level}/${n}`;
      if (!this.tiles.has(key)) this.tiles.set(key, level ? this.#tile(level, n) : this.#leaves(n));
      return this.tiles.get(key);
    }
    async #leaves(n) { return Promise.all((await this.bundle(n)).map(leafHash)); }
    async #tile(level, n) {
      const width = Math.min(WIDTH, Math.floor(this.size / WIDTH ** level) - n * WIDTH);
      const raw = await fetchFile(this.log, `tile/${level}/${numbered(n, width)}`, `tile/${level}/${numbered(n, WIDTH)}`);
      need(raw && raw.length >= width * HASH);
      return Array.from({ length: width }, (_, i) => raw.slice(i * HASH, (i + 1) * HASH));
    }
    async perfect(height, i) { // root of the i-th subtree of 2^height leaves
      const level = Math.floor(height / 8), count = 2 ** (height % 8), at = i * count;
      let hashes = (await this.tile(level, Math.floor(at / WIDTH))).slice(at % WIDTH, (at % WIDTH) + count);
      need(hashes.length === count);
      while (hashes.length > 1) {
        const pairs = hashes.length / 2;
        hashes = await Promise.all(Array.from({ length: pairs }, (_, j) => node(hashes[2 * j], hashes[2 * j + 1])));
      }
      return hashes[0];
    }
    async subtree(low, high) {
      const parts = [];
      while (low < high) {
        const height = Math.floor(Math.log2(high - low));
        parts.push(await this.perfect(height, low / 2 ** height));
        low += 2 ** height;
      }
      let found = parts.pop();
      while (parts.length) found = await node(parts.pop(), found);
      return found;
    }
    async proof(index) {
      let low = 0, high = this.size;
      const steps = [];
      while (high - low > 1) {
        const middle = low + split(high - low);
        if (index < middle) { steps.push(await this.subtree(middle, high)); high = middle; }
        else { steps.push(await this.subtree(low, middle)); low = middle; }
      }
      return steps.reverse();
    }
  }

  // One check
  class Check {
    constructor(text) { this.text = text; this.found = []; this.now = Math.floor(Date.now() / 1000); }
    say(finding, facts = {}) { this.found.push({ finding, facts }); }
    end(finding, facts) { this.say(finding, facts); return new Stop(finding); }
    async run() {
      if (!this.text.trim()) throw this.end("empty");
      if (this.text.length > Number(form.dataset.longest)) throw this.end("too_large");
      const text = restored(this.text);
      let given;
      try { given = readFile(text); } catch { throw this.end("not_a_receipt"); }
      const origin = (given.promise || given.checkpoint).origin;
      const log = LOGS.find((each) => each.origin === origin);
      if (!log) throw this.end("other_log", { origin });
      this.log = log;
      const c = await commitment(origin, given.petition, given.r);
      this.say("belongs", { petition: dashed(given.petition), code: shortCode(c) });
      const entry = join([1, SIGN], given.petition, c);
      return given.promise ? this.promised(given, log, entry) : this.completed(given, log, entry, text);
    }
    async opened(note, log) {
      let signed, word;
      try {
        signed = readCheckpoint(note);
        word = await judge(note, signersAt(log, signed.size));
      } catch { word = "forged"; }
      if (word === "forged" || signed.origin !== log.origin) throw this.end("checkpoint_forged");
      this.say(`checkpoint_${word}`, { size: signed.size });
      return signed;
    }
    async completed(given, log, entry, text) {
      const { index, proof, note } = given, signed = await this.opened(note, log);
      if (!await included(await leafHash(entry), index, signed.size, proof, signed.root)) throw this.end("proof_wrong");
      this.say("proof_leads", { index, size: signed.size });
      return text;
    }
    async promised({ petition, r, note, promise }, log, entry) {
      if (promise.petition !== dashed(petition) || !same(promise.leaf, await leafHash(entry))) throw this.end("value_wrong");
      this.say("value_fits");
      const raw = await fetchFile(log, "checkpoint");
      if (!raw) throw this.end(this.now > promise.by ? "broken" : "not_yet", { by: promise.by });
      const published = new TextDecoder().decode(raw), signed = await this.opened(published, log);
      const files = new Published(log, signed.size);
      await this.promiseSigned(note, promise.first, log, signed, files);
      const index = await this.searched(entry, promise, signed, files);
      const proof = await files.proof(index);
      if (!await included(promise.leaf, index, signed.size, proof, signed.root)) throw this.end("log_disagrees");
      this.say("proof_leads", { index, size: signed.size });
      const steps = proof.map((step) => `${base64(step)}\n`).join("");
      return `c2sp.org/tlog-proof@v1\nextra ${extra(petition, r)}\nindex ${index}\n${steps}\n${published}`;
    }
    // By a key that the log itself announced, in an entry under the signed root.
    async promiseSigned(note, first, log, signed, files) {
      const keys = [], known = promisers(log, first);
      const places = [...(await files.bundle(0)).entries()];
      for (const leaf of promisers(log, 0).keys()) {
        if (leaf < WIDTH || leaf >= signed.size) continue;
        places.push([leaf, (await files.bundle(Math.floor(leaf / WIDTH)))[leaf % WIDTH]]);
      }
      for (const [index, entry] of places) {
        if (entry[1] !== VKEY || entry[18] !== ROLE_PROMISE || entry[19] !== 1) continue;
        const vkey = new TextDecoder().decode(entry.slice(20));
        try { if (readKey(vkey).name !== `${log.origin}/promise`) continue; } catch { continue; } // of a later kind
        if (log.keys.length && known.get(index) !== vkey) continue; // retired before this promise
        if (!await included(await leafHash(entry), index, signed.size, await files.proof(index), signed.root)) throw this.end("log_disagrees");
        keys.push(vkey);
      }
      if (!keys.length) { this.say("promise_unchecked"); throw this.end("log_unreadable"); }
      const word = await judge(note, keys);
      if (word === "forged") throw this.end("promise_forged");
      this.say(`promise_${word}`);
    }
    // Everything up to the first batch after the promised time, so that the site does not learn which.
    async searched(wanted, promise, signed, files) {
      let place = null, found = null, time = 0;
      const last = Math.ceil(signed.size / WIDTH);
      for (let n = Math.floor(promise.first / WIDTH); n < last && time <= promise.by; n += AT_ONCE) {
        const span = Array.from({ length: Math.min(AT_ONCE, last - n) }, (_, i) => files.bundle(n + i));
        for (const [at, entry] of (await Promise.all(span)).flat().entries()) {
          const index = n * WIDTH + at;
          if (index < promise.first) continue;
          if (place === null && (time <= promise.by) && same(entry, wanted)) place = index;
          if (entry[1] !== BATCH) continue;
          time = be8(entry);
          if (place !== null && !found) found = { index: place, at: time, by: promise.by };
        }
      }
      if (found) { this.say(found.at > promise.by ? "late" : "found", found); return found.index; }
      throw this.end(Math.max(time, this.now) > promise.by ? "broken" : "not_yet", { by: promise.by });
    }
    get verdict() {
      const kinds = new Set(this.found.map((each) => each.finding));
      if (kinds.has("empty")) return "empty";
      if ([...kinds].some((each) => WRONG.has(each))) return "wrong";
      if (kinds.has("not_yet")) return "waiting";
      return kinds.has("proof_leads") && kinds.has("checkpoint_signed") ? "proved" : "open";
    }
  }

  // The page
  const lang = document.documentElement.lang, place = (id) => document.getElementById(id);
  const inWords = (name, value) => {
    if (typeof value === "string") return value;
    if (name !== "at" && name !== "by") return new Intl.NumberFormat(lang).format(value);
    const options = { dateStyle: "long", timeStyle: "short", timeZone: form.dataset.zone };
    const words = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, options).format(new Date(value * 1000));
    return lang === "fr" ? words.replace(/^1 /, "1er ") : words;
  };
  const sentence = ({ finding, facts }) => SENTENCES[finding].replace(/%\((\w+)\)s/g, (_, name) => inWords(name, facts[name]));
  const ordered = (found) => [...found.filter((each) => FIRST.has(each.finding)), ...found.filter((each) => !FIRST.has(each.finding))];
  // The command names the file and the log that were checked.
  const quoted = (name) => (/^[\w@%+=:,./-]+$/.test(name) ? name : `'${name.replaceAll("'", `'"'"'`)}'`);
  const command = (file, log) => {
    const box = place("by-program"), words = box.querySelector("pre"), name = file ? quoted(file.name) : box.dataset.file;
    words.textContent = words.textContent.replace(/^(\S+ \S+ receipt ).* (\S+\/log\/)\d+$/m, (_, start, folder) =>
      `${start}${name} ${folder}${log ? log.id : box.dataset.log}`);
    place("file-name").hidden = Boolean(file);
    if (file) place("proof-file").download = `${file.name.replace(/\.[^.]*$/, "")}.tlog-proof`;
  };
  const show = (check, proof, file) => {
    const verdict = document.querySelector(`[data-verdict="${check.verdict}"]`);
    place("result").className = verdict.dataset.tone;
    place("verdict").textContent = verdict.textContent;
    place("findings").replaceChildren(...ordered(check.found).map((each) => {
      const item = document.createElement("li"), words = sentence(each);
      if (WRONG.has(each.finding)) item.append(Object.assign(document.createElement("strong"), { textContent: words }));
      else item.textContent = words;
      return item;
    }));
    place("named")?.remove(); // of a receipt that the server checked before
    place("proof").hidden = !proof;
    if (proof) { place("proof-file").href = download(proof); place("proof-text").textContent = proof; }
    const empty = check.verdict === "empty";
    for (const each of document.querySelectorAll("#file-error, #text-error")) each.hidden = !empty;
    for (const each of form.querySelectorAll("#file, #text")) {
      if (empty) each.setAttribute("aria-invalid", "true"); else each.removeAttribute("aria-invalid");
      each.closest(".field").classList.toggle("bad", empty);
    }
    command(file, check.log);
    place("result").hidden = false;
    place("verdict").focus({ preventScroll: true });
    place("result").scrollIntoView({ behavior: "instant" }); // its first line at the top, however long the rest is
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = form.elements.file.files[0];
    place("working").hidden = false;
    const longest = Number(form.dataset.longest) + 1;
    const check = new Check(file ? await file.slice(0, longest).text() : form.elements.text.value);
    let proof = "";
    try { proof = await check.run(); } catch (reason) {
      if (!(reason instanceof Stop)) check.say("log_unreadable");
    }
    place("working").hidden = true;
    show(check, proof, file);
  });
  for (const each of document.querySelectorAll("[data-where]")) each.hidden = each.dataset.where !== "here";
})();
