/**
 * Callback objects as the native generations of the seed system take them: `onSuccess` and `onError`, given beside or
 * within a method's own arguments. The promise is given all the same.
 */

import { facadeError } from "./errors.js";

/**
 * @typedef {object} ActionCallback
 * @property {(result?: any) => void} [onSuccess]
 * @property {(code: number, message: string) => void} [onError]
 * @property {(code: number, message: string) => void} [onFailure]  the newest stores' name for `onError`
 */

const NAMES = /** @type {const} */ (["onSuccess", "onError", "onFailure"]);

/**
 * Makes the methods of a class hear callback objects. Methods that give no promise are left as they are.
 * @param {object} prototype
 * @param {readonly string[]} [besides]  methods that read their callbacks themselves
 */
export function hearCallbacks(prototype, besides = []) {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name === "constructor" || typeof value !== "function" || besides.includes(name)) continue;
    const heard = {
      /** @this {unknown} @param {unknown[]} given */
      [name](...given) {
        const result = value.apply(this, given);
        return result instanceof Promise ? tell(result, given) : result;
      },
    }[name];
    Object.defineProperty(prototype, name, { value: heard, writable: true, configurable: true });
  }
}

/**
 * @template T
 * @param {Promise<T>} result
 * @param {unknown[]} given  the arguments, among them perhaps a callback object
 * @returns {Promise<T>}
 */
function tell(result, given) {
  const callback = /** @type {ActionCallback | undefined} */ (given.find(isCallback));
  if (callback) {
    // whoever hears of a failure here need not look at the promise as well
    result.then(
      (value) => call(() => callback.onSuccess?.(value)),
      (error) => {
        const { code, message } = facadeError(error);
        call(() => callback.onError?.(code, message));
        call(() => callback.onFailure?.(code, message));
      },
    );
  }
  return result;
}

/** @param {unknown} given */
function isCallback(given) {
  if (typeof given !== "object" || given === null) return false;
  return NAMES.some((name) => typeof (/** @type {ActionCallback} */ (given)[name]) === "function");
}

/**
 * Calls the application; what it throws is its own, and stops nothing here.
 * @param {() => void} task
 */
export function call(task) {
  try {
    task();
  } catch (error) {
    console.error(error);
  }
}
