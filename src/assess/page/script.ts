/** The one script of a page: language, sorting, the chip that is looked at, the table of nodes. Without it the page reads as well, but for these. */

/** It reads data and writes text alone, so that no name can become markup. */
export const script = `
"use strict";
(() => {
  const root = document.documentElement;
  const all = (query, from) => [...(from || document).querySelectorAll(query)];
  const at = (id) => document.getElementById(id);
  const make = (tag, text, kind) => {
    const e = document.createElement(tag);
    if (text !== undefined) e.textContent = text;
    if (kind) e.className = kind;
    return e;
  };
  root.classList.add("scripted");

  for (const button of all("[data-language]"))
    button.addEventListener("click", () => {
      root.lang = button.dataset.language;
      for (const b of all("[data-language]")) b.setAttribute("aria-pressed", String(b === button));
    });

  const valueOf = (cell) => {
    const text = cell.innerText.trim();
    const number = Number.parseFloat(text.replace(/,/g, ""));
    return { text, number: Number.isNaN(number) ? undefined : number };
  };
  const compare = (a, b) => (a.number !== undefined && b.number !== undefined ? a.number - b.number : a.text.localeCompare(b.text, root.lang));
  for (const table of all("table[data-sort]"))
    for (const [i, head] of [...table.tHead.rows[0].cells].entries()) {
      const button = make("button", undefined, "sort");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => (down ? -1 : 1) * compare(valueOf(a.cells[i]), valueOf(b.cells[i])));
        table.tBodies[0].append(...rows);
      });
    }

  const select = at("view");
  if (!select) return;
  const data = JSON.parse(at("nodes-data").textContent);
  const body = at("nodes-body");
  const step = 100;
  let shown = step;
  const current = () => data.views.find((v) => v.id === select.value);
  const both = ([en, zh]) => {
    const part = (lang, text) => Object.assign(make("span", text), { lang });
    return [part("en", en), part("zh", zh)];
  };
  const cell = (row, text, kind) => {
    const td = make("td", undefined, kind);
    if (text !== "") td.append(make("bdi", text));
    row.append(td);
    return td;
  };
  const rowOf = (i, view) => {
    const [name, op] = data.nodes[i];
    const [how, types, calls, evidence, sources, why, note] = view.ways[view.at[i]];
    const row = make("tr");
    cell(row, String(i + 1), "number");
    const head = make("th", undefined, "name");
    head.scope = "row";
    head.append(make("bdi", name));
    row.append(head);
    cell(row, data.ops[op]);
    const mark = make("span", data.marks[how], "m h-" + how);
    mark.setAttribute("aria-hidden", "true");
    cell(row, "").append(mark, " ", ...both(view.words[how]));
    cell(row, types);
    cell(row, calls, "name");
    cell(row, evidence);
    const reason = cell(row, sources, "name source");
    if (note !== "") reason.append(" ", ...both(note));
    if (why !== "") reason.append(Object.assign(make("q", why), { lang: "en" }));
    return row;
  };
  const fill = () => {
    const view = current();
    const hows = new Set(all("input[name=how]").flatMap((box) => (box.checked ? [box.value] : [])));
    const asked = at("filter").value.toLowerCase();
    const fits = (i) => {
      const way = view.ways[view.at[i]];
      const text = [data.nodes[i][0], data.ops[data.nodes[i][1]], ...way].join("\\n").toLowerCase();
      return hows.has(way[0]) && text.includes(asked);
    };
    const list = data.nodes.map((_, i) => i).filter(fits);
    body.replaceChildren(...list.slice(0, shown).map((i) => rowOf(i, view)));
    at("nodes-of").textContent = view.chips;
    at("nodes-count").textContent = list.length + " / " + data.nodes.length;
    at("more").hidden = list.length <= shown;
  };
  const refill = () => {
    shown = step;
    fill();
  };
  const look = () => {
    for (const view of all(".view")) view.hidden = view.id !== select.value;
    refill();
  };
  const measure = () => {
    const chosen = all("input[name=measure]").find((box) => box.checked).value;
    for (const part of all("[data-measure]")) part.hidden = part.dataset.measure !== chosen;
  };
  select.addEventListener("change", look);
  for (const box of all("input[name=measure]")) box.addEventListener("change", measure);
  for (const box of all("input[name=how]")) box.addEventListener("change", refill);
  at("filter").addEventListener("input", refill);
  at("more").addEventListener("click", () => {
    shown = Infinity;
    fill();
  });
  for (const form of all("form")) form.addEventListener("submit", (e) => e.preventDefault());
  for (const link of all("a[data-how]"))
    link.addEventListener("click", () => {
      select.value = link.dataset.view;
      for (const box of all("input[name=how]")) box.checked = box.value === link.dataset.how;
      at("nodes-table").closest("details").open = true;
      look();
    });
  look();
  measure();
})();
`;
