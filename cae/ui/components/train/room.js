// The training room, as cae/ui/training.py serves it: how the training stands, and to order, stop and keep one.

const TICKET = "Training-Ticket";
const STORED = "cae-training-ticket";
const AGAIN = 1000; // ms from a failed request to the next

/**
 * @typedef {{pictures: string, widest: number, epochs: number, knob: string, value: number | string}} Recipe
 * @typedef {{name: string, mine: boolean, status: string, ended: boolean, message: string, recipe: Recipe, images: number,
 *   points: [step: number, loss: number, valLoss: number][], steps: number, variance: number, collapsed: boolean, kept: string,
 *   keepable: boolean}} Training
 * @typedef {{version: string, ahead: number, waiting: number, training: Training | null}} State ahead: how many trainings
 *   come before the visitor's own, if it waits.
 */

/** The new state with all points, of which the server sends those that are new. @param {State | null} before @param {State} news */
export function merged(before, news) {
  const training = news.training;
  if (!training) return news;
  const known = before?.training?.name === training.name ? before.training.points : [];
  return { ...news, training: { ...training, points: [...known.slice(0, training.first), ...training.points] } };
}

export class Room {
  /** @type {State | null} */
  #state = null;
  #ticket = stored();
  #watching = false;

  /**
   * @param {() => boolean} wanted whether anybody still looks.
   * @param {(state: State | null) => void} show is called with each new state; null: the server cannot be reached.
   */
  constructor(wanted, show) {
    this.wanted = wanted;
    this.show = show;
  }

  /** Ask again and again how the training stands, as long as anybody looks. */
  async watch() {
    if (this.#watching) return;
    this.#watching = true;
    while (this.wanted()) await this.#look();
    this.#watching = false;
  }

  /** Of the last training that was ordered. */
  get ticket() {
    return this.#ticket;
  }

  /** Order a training. @param {Recipe} recipe @throws {Error} with a plain sentence. */
  async order(recipe, strokes) {
    const { ticket } = await this.#send("order", { recipe, strokes });
    this.#ticket = ticket;
    store(ticket);
  }

  stop() {
    return this.#send("stop", {});
  }

  /** Make a model of the training. @returns {Promise<string>} its name. */
  async keep() {
    return (await this.#send("keep", {})).model;
  }

  /** Where the newest weights of a training are. @param {Training} training */
  weights({ name, points }) {
    return `training/weights/${name}?step=${points.at(-1)[0]}`;
  }

  /** The server answers as soon as there is news, or after a while without. */
  async #look() {
    if (document.hidden) await new Promise((seen) => document.addEventListener("visibilitychange", seen, { once: true }));
    const before = this.#state;
    const query = new URLSearchParams({ of: before?.training?.name ?? "", points: before?.training?.points.length ?? 0 });
    if (before) query.set("since", before.version);
    let news = null;
    try {
      const response = await fetch(address(`state?${query}`), { headers: this.#headers() });
      if (response.ok) news = merged(before, await response.json());
    } catch {
      // the connection is lost
    }
    this.#state = news ?? before;
    this.show(news);
    await new Promise((then) => setTimeout(then, news ? 0 : AGAIN));
  }

  async #send(what, content) {
    const headers = { ...this.#headers(), "Content-Type": "application/json" };
    let response;
    try {
      response = await fetch(address(what), { method: "POST", headers, body: JSON.stringify(content) });
    } catch {
      throw new Error("The server cannot be reached: try again in a moment.");
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.error ?? "This did not work; the server's log says why.");
    return answer;
  }

  #headers() {
    return this.#ticket ? { [TICKET]: this.#ticket } : {};
  }
}

const address = (what) => new URL(`training/${what}`, document.baseURI);

/** The ticket outlives a reload, where the browser lets it. */
function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function store(ticket) {
  try {
    localStorage.setItem(STORED, ticket);
  } catch {
    // it lasts as long as the page
  }
}
