// What a cell of the code changes in the picture, computed once the hand rests.

const REST = 120; // ms
/** Shares of the scale by which the cell is less and more. */
const BY = [-0.05, 0.05];

/**
 * @param {import("../network/client.js").NetworkClient} client
 * @param {(difference: Float32Array | null) => void} onEffect
 * @param {(problem: string) => void} onProblem
 */
export function createEffect(client, onEffect, onProblem) {
  let timer = 0;
  /** Compute it soon, for a cell of a code; null: for none. */
  return (model, code, cell, [low, high]) => {
    clearTimeout(timer);
    if (cell === null || !code) return onEffect(null);
    timer = setTimeout(async () => {
      try {
        const [less, more] = await Promise.all(
          BY.map((by) => {
            const changed = Float32Array.from(code);
            changed[cell] += by * (high - low);
            return client.decode(model, changed, { lane: `effect ${by}` });
          }),
        );
        if (less && more) onEffect(less.map((value, i) => more[i] - value));
      } catch (error) {
        onProblem(error.message);
      }
    }, REST);
  };
}
