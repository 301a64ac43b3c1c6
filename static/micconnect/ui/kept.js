/** What this browser keeps for us. One that keeps nothing for this site keeps it until the page is left. */

/** @typedef {"session" | "local"} Keep  for this window, or for all of this browser */

/** @type {Map<string, string>} */
const here = new Map();

/**
 * Also the mere look at a storage throws where site data are refused.
 * @param {Keep} keep
 * @param {(storage: Storage) => string | null | void} use
 */
function within(keep, use) {
  try {
    return use(keep === "session" ? globalThis.sessionStorage : globalThis.localStorage) ?? null;
  } catch {
    return null;
  }
}

/**
 * @param {Keep} keep
 * @param {string} key
 * @returns {string | null}
 */
export function kept(keep, key) {
  return within(keep, (storage) => storage.getItem(key)) ?? here.get(`${keep} ${key}`) ?? null;
}

/**
 * @param {Keep} keep
 * @param {string} key
 * @param {string | null} value  null forgets it
 */
export function keepHere(keep, key, value) {
  if (value === null) here.delete(`${keep} ${key}`);
  else here.set(`${keep} ${key}`, value);
  within(keep, (storage) => (value === null ? storage.removeItem(key) : storage.setItem(key, value)));
}
