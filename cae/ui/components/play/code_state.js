// The code as a visitor edits it: what the network gave, what it was changed to, and the way back.

const MAX_HISTORY = 100;

export class EditedCode {
  #history = [];
  /** What the network gave. @type {Float32Array | null} */
  given = null;
  /** What it was changed to; null while it is as given. @type {Float32Array | null} */
  edited = null;
  /** The name of the question that `given` answers. */
  of = "";

  get values() {
    return this.edited ?? this.given;
  }

  get canUndo() {
    return this.#history.length > 0;
  }

  /** Take over the code of a picture; the edits of another picture are forgotten. True where there were some. */
  take(given, of) {
    const lost = of !== this.of && this.edited !== null;
    if (of !== this.of) {
      this.edited = null;
      this.#history = [];
    }
    this.given = given;
    this.of = of;
    return lost;
  }

  /** Change one cell. @param {boolean} remember whether to come back here by `undo`: at the start of a movement. */
  set(cell, value, remember) {
    this.#change(remember, (code) => (code[cell] = value));
  }

  reset(cell) {
    this.#change(true, (code) => (code[cell] = this.given[cell]));
  }

  fill(value) {
    this.#change(true, (code) => code.fill(value));
  }

  resetAll() {
    this.#change(true, (code) => code.set(this.given));
  }

  undo() {
    if (!this.canUndo) return;
    this.edited = this.#history.pop();
  }

  #change(remember, change) {
    if (!this.given) return;
    if (remember) this.#history = [...this.#history, this.edited].slice(-MAX_HISTORY);
    const code = Float32Array.from(this.values);
    change(code);
    this.edited = code.every((value, i) => value === this.given[i]) ? null : code;
  }
}
