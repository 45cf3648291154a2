// A QR code (ISO/IEC 18004) of a receipt: bytes, error correction L, mask 0, versions 10 to 25.
// Made here because the receipt of this browser must not travel to the server to be drawn.
"use strict";
const receiptQr = (() => {
  const FIRST = 10;
  // Per version from 10: check bytes of a block, number of blocks.
  const CHECK = [18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26];
  const BLOCKS = [4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12];

  const times = (x, y) => { // in GF(2^8) over x^8 + x^4 + x^3 + x^2 + 1
    let z = 0;
    for (let i = 7; i >= 0; i--) z = ((z << 1) ^ ((z >>> 7) * 0x11d)) ^ (((y >>> i) & 1) * x);
    return z;
  };
  const divisor = (degree) => {
    const out = new Array(degree).fill(0);
    out[degree - 1] = 1;
    for (let i = 0, root = 1; i < degree; i++, root = times(root, 2)) {
      for (let j = 0; j < degree; j++) out[j] = times(out[j], root) ^ (out[j + 1] || 0);
    }
    return out;
  };
  const remainder = (block, by) => {
    const out = new Array(by.length).fill(0);
    for (const byte of block) {
      const factor = byte ^ out.shift();
      out.push(0);
      by.forEach((coefficient, i) => { out[i] ^= times(coefficient, factor); });
    }
    return out;
  };
  const room = (version) => { // bytes of data and check together
    const aligned = Math.floor(version / 7) + 2;
    const bits = (16 * version + 128) * version + 64 - (25 * aligned - 10) * aligned + 55 - 36;
    return bits >>> 3;
  };
  const capacity = (version) => room(version) - CHECK[version - FIRST] * BLOCKS[version - FIRST];

  const codewords = (bytes, version) => {
    const data = [], length = capacity(version);
    let held = 0, count = 0;
    const put = (value, bits) => {
      for (let i = bits - 1; i >= 0; i--) {
        held = (held << 1) | ((value >>> i) & 1);
        if (++count === 8) { data.push(held); held = count = 0; }
      }
    };
    put(4, 4); put(bytes.length, 16);
    for (const byte of bytes) put(byte, 8);
    put(0, 4);
    for (let pad = 0xec; data.length < length; pad ^= 0xfd) data.push(pad);
    const number = BLOCKS[version - FIRST], by = divisor(CHECK[version - FIRST]);
    const short = number - (length % number), each = Math.floor(length / number);
    const blocks = [];
    for (let i = 0, at = 0; i < number; i++) {
      const width = each + (i < short ? 0 : 1);
      blocks.push(data.slice(at, at += width));
    }
    const out = [], checks = blocks.map((block) => remainder(block, by));
    for (let i = 0; i <= each; i++) for (const block of blocks) if (i < block.length) out.push(block[i]);
    for (let i = 0; i < by.length; i++) for (const check of checks) out.push(check[i]);
    return out;
  };

  const draw = (bytes, version) => {
    const size = version * 4 + 17, dark = [], fixed = [];
    for (let y = 0; y < size; y++) { dark.push(new Array(size).fill(false)); fixed.push(new Array(size).fill(false)); }
    const set = (x, y, value) => {
      if (x < 0 || y < 0 || x >= size || y >= size) return;
      dark[y][x] = Boolean(value); fixed[y][x] = true;
    };
    for (let i = 0; i < size; i++) { set(6, i, i % 2 === 0); set(i, 6, i % 2 === 0); }
    for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) {
      for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) {
        const ring = Math.max(Math.abs(dx), Math.abs(dy));
        set(x + dx, y + dy, ring !== 2 && ring !== 4);
      }
    }
    const number = Math.floor(version / 7) + 2;
    const step = Math.floor((version * 8 + number * 3 + 5) / (number * 4 - 4)) * 2;
    const centres = [6];
    for (let at = size - 7; centres.length < number; at -= step) centres.splice(1, 0, at);
    centres.forEach((x, i) => centres.forEach((y, j) => {
      if ((!i && !j) || (!i && j === number - 1) || (i === number - 1 && !j)) return;
      for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) {
        set(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
      }
    }));
    const format = 0x77c4; // level L, mask 0, with its check bits
    const bit = (i) => (format >>> i) & 1;
    for (let i = 0; i < 6; i++) set(8, i, bit(i));
    set(8, 7, bit(6)); set(8, 8, bit(7)); set(7, 8, bit(8));
    for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i));
    for (let i = 0; i < 8; i++) set(size - 1 - i, 8, bit(i));
    for (let i = 8; i < 15; i++) set(8, size - 15 + i, bit(i));
    set(8, size - 8, true);
    let rest = version;
    for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
    const about = (version << 12) | rest;
    for (let i = 0; i < 18; i++) {
      const a = size - 11 + (i % 3), b = Math.floor(i / 3);
      set(a, b, (about >>> i) & 1); set(b, a, (about >>> i) & 1);
    }
    const words = codewords(bytes, version);
    for (let right = size - 1, i = 0; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let vertical = 0; vertical < size; vertical++) for (let j = 0; j < 2; j++) {
        const x = right - j, y = ((right + 1) & 2) === 0 ? size - 1 - vertical : vertical;
        if (fixed[y][x]) continue;
        const value = i < words.length * 8 ? (words[i >>> 3] >>> (7 - (i & 7))) & 1 : 0;
        dark[y][x] = Boolean(value ^ ((x + y) % 2 === 0 ? 1 : 0));
        i++;
      }
    }
    return dark;
  };

  const matrix = (text) => {
    const bytes = new TextEncoder().encode(text);
    for (let version = FIRST; version < FIRST + CHECK.length; version++) {
      if (bytes.length + 3 <= capacity(version)) return draw(bytes, version);
    }
    return null;
  };
  const svg = (text) => {
    const rows = matrix(text);
    if (!rows) return null;
    const size = rows.length + 8, made = (name, attributes) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      return element;
    };
    const dots = rows.map((row, y) => row.map((is, x) => (is ? `M${x + 4} ${y + 4}h1v1h-1z` : "")).join("")).join("");
    const picture = made("svg", {
      viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true", focusable: "false", "shape-rendering": "crispEdges",
    });
    picture.append(made("path", { fill: "#fff", d: `M0 0h${size}v${size}H0z` }), made("path", { fill: "#000", d: dots }));
    return picture;
  };
  return { matrix, svg };
})();
