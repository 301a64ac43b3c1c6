/**
 * Callback objects as the native generations of the seed system take them: `onSuccess` and `onError`, given beside or
 * within a method's own arguments. The promise is given all the same.
 */

import { facadeError, refuse } from "./errors.js";

/**
 * @typedef {object} ActionCallback
 * @property {(result?: any) => void} [onSuccess]
 * @property {(code: number, message: string) => void} [onError]
 * @property {(code: number, message: string) => void} [onFailure]  the newest stores' name for `onError`
 */

const NAMES = /** @type {const} */ (["onSuccess", "onError", "onFailure"]);

/**
 * Makes the methods of a class hear callback objects, and reject with -1001 what is no use to them. Methods that give no
 * promise are left as they are.
 * @param {object} prototype
 * @param {readonly string[]} [besides]  methods that read their callbacks themselves
 */
export function hearCallbacks(prototype, besides = []) {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name === "constructor" || typeof value !== "function") continue;
    const heard = {
      /** @this {unknown} @param {unknown[]} given */
      [name](...given) {
        const result = attempt(name, () => value.apply(this, given));
        if (!(result instanceof Promise) || besides.includes(name)) return result;
        return tell(
          result.catch((error) => {
            throw explained(name, error);
          }),
          given,
        );
      },
    }[name];
    Object.defineProperty(prototype, name, { value: heard, writable: true, configurable: true });
  }
}

/**
 * A method that finds no object where it takes one apart throws at once; its caller expects a promise.
 * @param {string} name
 * @param {() => unknown} method
 */
function attempt(name, method) {
  try {
    return method();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return Promise.reject(explained(name, error));
  }
}

/**
 * Everything else that a facade throws has a code already.
 * @param {string} name
 * @param {unknown} error
 */
function explained(name, error) {
  if (!(error instanceof TypeError)) return error;
  const text = `${name} was not given what it takes; see docs/porting.md. ${error.message}`;
  return refuse("BAD_PARAMETER", text, { call: name });
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
