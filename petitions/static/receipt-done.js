// Completes the receipt on the page that says "signed": adds the value that never left this tab.
"use strict";
(async () => {
  const box = document.querySelector("[data-promise]");
  const { petition, origin, c, promise } = box.dataset;
  const { hex, unhex, uuid, commitment, extra, download } = receiptBytes;
  const place = `receipt/${petition}`;
  const r = unhex(JSON.parse(sessionStorage.getItem(place)).r);
  if (hex(await commitment(origin, uuid(petition), r)) !== c) return; // of another login
  const text = `petition-receipt/v1\nextra ${extra(uuid(petition), r)}\n\n${promise}`;
  const link = document.getElementById("receipt-file");
  link.href = download(text);
  document.getElementById("receipt-text").textContent = text;
  const picture = receiptQr.svg(text);
  if (picture) document.getElementById("receipt-qr").append(picture);
  else document.getElementById("receipt-qr").hidden = true;
  for (const each of box.querySelectorAll("[data-state]")) each.hidden = each.dataset.state !== "complete";
  sessionStorage.removeItem(place);
})().catch(() => {});
