/** Tables: each with a caption, heads that say what they head, and room to scroll where it is too wide. */
import { html, type Markup } from "../../report/markup.js";

export type Cell = Markup | string | number | undefined;

export interface Column {
  readonly head: Cell;
  /** Numbers stand to the right; words wrap; names break anywhere. */
  readonly is?: "number" | "words" | "name";
}

interface Table {
  readonly id: string;
  readonly caption: Markup;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** The script lets a reader sort it. */
  readonly isSortable?: boolean;
  /** It scrolls down too. */
  readonly isLong?: boolean;
  /** Of each row: a class. */
  readonly kindOf?: (row: number) => string | undefined;
}

/** The first cell of a row heads it. */
export function table({ id, caption, columns, rows, isSortable = false, isLong = false, kindOf }: Table): Markup {
  const cell = (value: Cell, i: number): Markup =>
    i === 0 ? html`<th scope="row" class="${columns[0].is ?? ""}">${value}</th>` : html`<td class="${columns[i].is ?? ""}">${value}</td>`;
  return scrolled(
    id,
    html`<table${isSortable ? html` data-sort` : undefined}>
      <caption id="${id}-caption">${caption}</caption>
      ${heads(columns)}
      <tbody>${rows.map((row, i) => html`<tr class="${kindOf?.(i) ?? ""}">${row.map(cell)}</tr>`)}</tbody>
    </table>`,
    isLong ? "long" : "",
  );
}

export function heads(columns: readonly Column[]): Markup {
  return html`<thead><tr>${columns.map((c) => html`<th scope="col" class="${c.is ?? ""}">${c.head}</th>`)}</tr></thead>`;
}

/** A kind of "long" scrolls down too. */
export function scrolled(id: string, content: Markup, kind = ""): Markup {
  return html`<div class="scroll ${kind}" id="${id}" role="region" tabindex="0" aria-labelledby="${id}-caption">${content}</div>`;
}

/** A part of the page, with a heading that its links lead to. */
export function part(id: string, heading: Markup, ...body: readonly (Markup | undefined)[]): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${heading}</h2>${body}</section>`;
}

interface Figure {
  readonly id: string;
  /** Names the drawing too: it is labelled by this id. */
  readonly heading?: Markup;
  readonly drawing: Markup;
  readonly caption?: Markup;
  readonly kind?: string;
}

export function figure({ id, heading, drawing, caption, kind = "" }: Figure): Markup {
  return html`<figure class="${kind}">
    ${heading === undefined ? undefined : html`<h3 id="${id}">${heading}</h3>`}
    ${drawing}
    ${caption === undefined ? undefined : html`<figcaption>${caption}</figcaption>`}
  </figure>`;
}
