/** How long a lost line waits before it tries again: a server that comes back must not be run over by everybody. */

export const RETRY_MIN_MS = 1000;
export const RETRY_MAX_MS = 30_000;
export const WINDOW_MIN_MS = 1000;
export const WINDOW_MAX_MS = 20_000;
export const TOLD_MAX_MS = 60_000; // the longest pause that a server can ask for
const RETURNS_PER_S = 100;

/**
 * How long the return of a whole room takes when all were cut at once, in milliseconds.
 * @param {number} viewerCount
 */
export function windowFor(viewerCount) {
  return Math.min(WINDOW_MAX_MS, Math.max(WINDOW_MIN_MS, (viewerCount / RETURNS_PER_S) * 1000));
}

/**
 * The pause before attempt `attempt` (0 is the first after a cut), in milliseconds: first anywhere in the window, then
 * doubling, half of it by chance, and never so short that the room would come all at once.
 * @param {number} attempt
 * @param {number} windowMs
 * @param {number} chance  0 to 1
 */
export function pauseBefore(attempt, windowMs, chance) {
  if (attempt === 0) return windowMs * chance;
  const full = Math.min(RETRY_MAX_MS, Math.max(windowMs, RETRY_MIN_MS * 2 ** attempt));
  return full / 2 + (full / 2) * chance;
}

/**
 * Whole seconds until `at`, never below 0.
 * @param {number} [at]  by performance.now()
 */
export function secondsUntil(at = 0) {
  return Math.max(0, Math.ceil((at - performance.now()) / 1000));
}
