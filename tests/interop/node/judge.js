// Judges published logs with sigstore's JavaScript (npm @sigstore/verify, @sigstore/core): signed note
// and inclusion proofs. It has no consistency proofs. Nothing of the petition engine is used here.
//
//   node judge.js FOLDER...    one line of JSON per folder
"use strict";

const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { basename, join } = require("node:path");
const { crypto } = require("@sigstore/core");
// what the package's own verifier calls; its front door asks for sigstore's kinds of entries
const { verifyCheckpoint } = require("@sigstore/verify/dist/tlog/checkpoint.js");
const { verifyTLogInclusion } = require("@sigstore/verify/dist/tlog/index.js");

const ED25519_SPKI = Buffer.from("302a300506032b6570032100", "hex"); // RFC 8410, before the 32 bytes
const WIDTH = 256;

class Refused extends Error {
  constructor(stage, why) {
    super(why);
    this.stage = stage;
  }
}

function at(stage, act) {
  try {
    return act();
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(stage, error.message);
  }
}

// the log's keys as sigstore keeps them, several while one takes over from another
function authorities(place) {
  const lines = readFileSync(join(place, "policy"), "utf8").split("\n");
  const found = lines.filter((line) => line.startsWith("log ")).map(authority);
  if (found.length === 0) throw new Refused("key", "the policy names no log");
  return found;
}

// the first bytes of logID are the key hint of a note
function authority(line) {
  const [, name, id, material] = /^log ([^+\s]+)\+([0-9a-f]{8})\+(\S+)/.exec(line);
  const typed = Buffer.from(material, "base64");
  const logID = createHash("sha256").update(`${name}\n`).update(typed).digest();
  if (typed[0] !== 1 || logID.subarray(0, 4).toString("hex") !== id) {
    throw new Refused("key", "key id does not belong to name and key");
  }
  const publicKey = crypto.createPublicKey(Buffer.concat([ED25519_SPKI, typed.subarray(1)]));
  const validFor = { start: new Date(0), end: new Date(8.64e15) };
  return { logID, publicKey, baseURL: `https://${name}`, validFor };
}

function numbered(n) {
  const groups = [String(n % 1000).padStart(3, "0")];
  for (n = Math.floor(n / 1000); n > 0; n = Math.floor(n / 1000)) {
    groups.unshift(`x${String(n % 1000).padStart(3, "0")}`);
  }
  return groups.join("/");
}

function bundles(place, size) {
  const entries = [];
  for (let first = 0; first < size; first += WIDTH) {
    const width = Math.min(WIDTH, size - first);
    const path = `tile/entries/${numbered(first / WIDTH)}${width === WIDTH ? "" : `.p/${width}`}`;
    const raw = readFileSync(join(place, path));
    for (let from = 0; from < raw.length; ) {
      const end = from + 2 + raw.readUInt16BE(from);
      entries.push(raw.subarray(from + 2, end));
      from = end;
    }
  }
  return entries;
}

function entryOf(envelope, body, index, hashes) {
  const inclusionProof = {
    logIndex: String(index),
    hashes: hashes.map((text) => Buffer.from(text, "base64")),
    checkpoint: { envelope },
  };
  return { logIndex: String(index), canonicalizedBody: body, inclusionProof };
}

function judge(folder, found) {
  const place = join(folder, "log");
  const given = at("files", () => JSON.parse(readFileSync(join(folder, "proofs.json"), "utf8")));
  const keys = at("key", () => authorities(place));
  const envelope = at("files", () => readFileSync(join(place, "checkpoint"), "utf8"));
  const opened = at("note", () => verifyCheckpoint(entryOf(envelope, Buffer.alloc(0), 0, []), keys));
  const entries = at("entries", () => bundles(place, Number(opened.logSize)));
  if (entries.length !== Number(opened.logSize) || given.inclusion.length !== entries.length) {
    throw new Refused("entries", `${entries.length} entries in a log of ${opened.logSize}`);
  }
  entries.forEach((entry, index) => {
    const proven = entryOf(envelope, entry, index, given.inclusion[index]);
    at("inclusion", () => verifyTLogInclusion(proven, keys));
    found.leaves += 1;
  });
  for (const { checkpoint } of given.earlier) {
    at("earlier note", () => verifyCheckpoint(entryOf(checkpoint, Buffer.alloc(0), 0, []), keys));
    found.earlier += 1;
  }
}

for (const folder of process.argv.slice(2)) {
  const found = { case: basename(folder), stage: "", why: "", leaves: 0, earlier: 0 };
  try {
    judge(folder, found);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    found.stage = error.stage;
    found.why = error.message;
  }
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
