
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Tables: a button in each head sorts by its column, numbers first large then small.
  const value = (row, at) => {
    const cell = row.cells[at];
    return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
  };
  const compare = (one, two) =>
    typeof one === "number" ? one - two : one < two ? -1 : one > two ? 1 : 0;
  for (const table of all("table.sortable")) {
    const heads = all("thead th", table);
    heads.forEach((head, at) => {
      if (head.classList.contains("plain")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const first = head.classList.contains("number") ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const now = before === first ? other : first;
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", now);
        const sign = now === "ascending" ? 1 : -1;
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row, index) => [value(row, at), index, row]);
        rows.sort((one, two) => sign * compare(one[0], two[0]) || one[1] - two[1]);
        body.append(...rows.map((row) => row[2]));
      });
    });
  }

  // A button that copies beside each entry.
  const copied = async (button, code) => {
    try {
      await navigator.clipboard.writeText(code.textContent + "\n");
      button.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(code);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected: copy it";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  };
  for (const keep of all(".keep")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy the entry for a config file");
    button.addEventListener("click", () => copied(button, keep.querySelector("code")));
    keep.append(button);
  }

  // A link to something folded away unfolds it.
  const reveal = () => {
    const target = location.hash ? $(decodeURIComponent(location.hash.slice(1))) : null;
    if (!target) return;
    for (let up = target; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
    const next = target.nextElementSibling;
    if (target.tagName === "A" && next && next.classList.contains("gone")) next.open = true;
    target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);
  reveal();

  if (!$("controls")) return;
  $("controls").hidden = false;
  const list = $("list");
  const findings = all(".finding", list);
  const words = findings.map((one) => one.textContent.toLowerCase());
  const visible = () => all(".finding", list).filter((one) => !one.hidden);

  const filter = () => {
    const wanted = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    findings.forEach((one, at) => {
      const name = one.dataset.name;
      one.hidden = !wanted.every((word) => words[at].includes(word) || name.includes(word));
      shown += one.hidden ? 0 : 1;
    });
    $("count").textContent = `${shown} of ${findings.length}`;
  };
  $("filter").addEventListener("input", filter);
  filter();

  $("order").addEventListener("change", () => {
    const by = $("order").value;
    const sign = by === "removed" ? -1 : 1;
    const rank = findings.map((one, at) => [by === "text" ? 0 : sign * Number(one.dataset[by]), at]);
    rank.sort((one, two) => one[0] - two[0] || one[1] - two[1]);
    list.append(...rank.map(([, at]) => findings[at]));
  });

  const openAll = (open) => visible().forEach((one) => { one.open = open; });
  const unfold = () => {
    const folds = all("details.gone");
    const open = folds.some((one) => !one.open);
    folds.forEach((one) => { one.open = open; });
    $("unfold").textContent = open ? "Fold text" : "Unfold text";
  };
  $("open-all").addEventListener("click", () => openAll(true));
  $("close-all").addEventListener("click", () => openAll(false));
  $("unfold").addEventListener("click", unfold);

  const current = () => document.activeElement.closest?.(".finding");
  const move = (step) => {
    const shown = visible();
    if (!shown.length) return;
    const at = shown.indexOf(current());
    const next = at < 0 ? (step > 0 ? 0 : shown.length - 1) : at + step;
    const summary = shown[Math.max(0, Math.min(shown.length - 1, next))].firstElementChild;
    summary.focus();
    summary.scrollIntoView({ block: "nearest" });
  };
  const keys = {
    "/": () => { $("filter").focus(); $("filter").select(); },
    j: () => move(1),
    k: () => move(-1),
    o: () => { const one = current(); if (one) one.open = !one.open; },
    a: () => openAll(visible().some((one) => !one.open)),
    u: unfold,
    "?": () => { $("keys").open = !$("keys").open; $("keys").firstElementChild.focus(); },
    Escape: () => { $("filter").value = ""; filter(); document.activeElement.blur(); },
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const writes = event.target.closest?.("input, select, textarea");
    if (writes && event.key !== "Escape") return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
