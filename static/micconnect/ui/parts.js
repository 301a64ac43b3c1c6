/** Small pieces that every page is made of. */

import { html, nothing, ref, svg } from "./html.js";

/** @typedef {import("./guest_state.js").Bar} Bar */

const icons = globalThis.document?.documentElement.dataset.icons ?? "";

/** @param {string} name  of a symbol of the sprite */
export function icon(name) {
  return html`<svg class="icon" aria-hidden="true"><use href="${icons}#${name}"></use></svg>`;
}

const RING = 2 * Math.PI * 20;

/**
 * A ring that empties, with the seconds in it.
 * @param {number | null} secondsLeft  null for no limit
 * @param {number} share  1 to 0
 */
export function ring(secondsLeft, share) {
  const gone = RING * (1 - share);
  return html`<span class="ring">
    <svg viewBox="0 0 48 48" aria-hidden="true">
      <circle class="ring-track" cx="24" cy="24" r="20"></circle>
      ${svg`<circle
        class="ring-left" cx="24" cy="24" r="20" stroke-dasharray=${RING} stroke-dashoffset=${gone}></circle>`}
    </svg>
    <span class="ring-text"
      >${secondsLeft === null ? "∞" : secondsLeft}<span class="visually-hidden"> seconds left</span></span
    >
  </span>`;
}

/**
 * The lines above the stage.
 * @param {Bar[]} found
 */
export function barList(found) {
  return found.map(
    ({ tone, icon: name, text, action }) =>
      html`<div class="bar" data-tone=${tone}>
        ${icon(name)}<span>${text}</span>
        ${action === "reload" ? html`<button type="button" @click=${() => location.reload()}>Reload</button>` : nothing}
      </div>`,
  );
}

/** @type {HTMLElement[]} who had the focus before each open dialog */
const openers = [];

/** @param {Element | undefined} element  a dialog that came or (undefined) went */
function openModal(element) {
  if (element instanceof HTMLDialogElement) {
    if (document.activeElement instanceof HTMLElement) openers.push(document.activeElement);
    queueMicrotask(() => element.isConnected && element.showModal()); // it is drawn before it is put into the page
    return;
  }
  const opener = openers.pop();
  if (opener?.isConnected) opener.focus();
}

/**
 * A dialog that is open as long as it is drawn; Escape and the cross call `close`.
 * @param {{title: string, close: () => void, body: unknown, actions: unknown}} parts
 */
export function modal({ title, close, body, actions }) {
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    close();
  };
  return html`<dialog ${ref(openModal)} @cancel=${cancel} aria-labelledby="dialog-title">
    <article>
      <header>
        <h2 id="dialog-title" tabindex="-1" autofocus>${title}</h2>
        <button type="button" class="ghost" aria-label="Close" @click=${close}>${icon("x")}</button>
      </header>
      ${body}
      <footer>${actions}</footer>
    </article>
  </dialog>`;
}

/**
 * Beside the name of somebody who could be taken for the host or a helper.
 * @param {{isLookalike?: boolean}} user
 */
export function lookalikeMark({ isLookalike }) {
  if (!isLookalike) return nothing;
  const text = "The name looks like that of the host or of a helper, but this is somebody else";
  return html`<span class="badge" data-kind="lookalike" data-testid="lookalike" title=${text}
    >${icon("circle-alert")}<span>Not the host</span></span
  >`;
}

/**
 * A button that shows what it is waiting for.
 * @param {{label: unknown, testid?: string, icon?: string, kind?: string, isBusy?: boolean, isDisabled?: boolean,
 *   title?: string, click: (event: Event) => void}} options
 */
export function button({ label, testid, icon: name, kind = "", isBusy = false, isDisabled = false, title, click }) {
  return html`<button
    type="button"
    class=${kind}
    data-testid=${testid ?? nothing}
    title=${title ?? nothing}
    aria-busy=${isBusy ? "true" : nothing}
    ?disabled=${isDisabled || isBusy}
    @click=${click}
  >
    ${name && !isBusy ? icon(name) : nothing}<span>${label}</span>
  </button>`;
}

/**
 * What went wrong with the last command, until it is put away.
 * @param {string} text
 * @param {() => void} close
 */
export function errorBox(text, close) {
  if (!text) return nothing;
  return html`<div class="note-box" data-tone="bad" data-testid="error">
    ${icon("circle-alert")}
    <p>${text}</p>
    <button type="button" class="ghost" aria-label="Put away" @click=${close}>${icon("x")}</button>
  </div>`;
}

/**
 * The toast: what was done, and a way back while there is one. Read out by the announcer, not by itself.
 * @param {import("./state.js").Toast | null} toast
 * @param {() => void} close
 */
export function toastBox(toast, close) {
  if (!toast) return nothing;
  return html`<div class="toast" data-testid="toast">
    <p>${toast.text}</p>
    ${toast.undo ? button({ label: "Undo", icon: "undo-2", kind: "plain", testid: "undo", click: toast.undo }) : nothing}
    <button type="button" class="ghost" aria-label="Put away" @click=${close}>${icon("x")}</button>
  </div>`;
}

/**
 * More actions, folded away below the row they belong to. Choosing one folds it again.
 * @param {{label: string, testid?: string, items: unknown}} parts  `label` names the whole menu for screen readers
 */
export function menu({ label, testid = "more", items }) {
  const fold = (/** @type {Event} */ { currentTarget, target }) => {
    if (target instanceof Element && target.closest("button")) {
      const details = /** @type {HTMLElement} */ (currentTarget).closest("details");
      if (details) details.open = false;
    }
  };
  return html`<details class="menu">
    <summary data-testid=${testid} aria-label=${label}>${icon("ellipsis")}<span>More</span></summary>
    <div class="menu-items" @click=${fold}>${items}</div>
  </details>`;
}

/**
 * A card that can be folded; the browser remembers nothing of it.
 * @param {{title: unknown, testid: string, isOpen?: boolean, body: unknown}} parts
 */
export function foldCard({ title, testid, isOpen = false, body }) {
  return html`<details class="card fold" ?open=${isOpen}>
    <summary data-testid=${testid}><h2>${title}</h2></summary>
    <div class="fold-body">${body}</div>
  </details>`;
}

/**
 * A labelled choice of a form.
 * @param {{label: unknown, name: string, testid?: string, choices: [string, string][], value?: string,
 *   change?: (event: Event) => void}} parts  `choices`: value and text, in order
 */
export function choiceField({ label, name, testid, choices, value, change }) {
  return html`<label
    >${label}
    <select name=${name} data-testid=${testid ?? name} @change=${change ?? nothing}>
      ${choices.map(([key, text]) => html`<option value=${key} .selected=${key === value}>${text}</option>`)}
    </select>
  </label>`;
}

/**
 * A dialog with a form.
 * @param {{title: string, body: unknown, confirm: string, testid: string, isBusy: boolean, isDanger?: boolean,
 *   error: unknown, close: () => void, submit: (event: SubmitEvent) => void}} parts
 */
export function formSheet({ title, body, confirm, testid, isBusy, isDanger = false, error, close, submit }) {
  return modal({
    title,
    close,
    body: html`<form id="sheet-form" @submit=${submit}>${body}${error}</form>`,
    actions: html`
      <button type="button" class="secondary" @click=${close}>Cancel</button>
      <button
        type="submit"
        form="sheet-form"
        class=${isDanger ? "danger" : ""}
        data-testid=${testid}
        aria-busy=${isBusy ? "true" : nothing}
      >
        ${confirm}
      </button>
    `,
  });
}
