// Which cards a plan has, and what the address says of the lesson: `lesson=4&plan=20`.

/** The numbers of a plan's cards; without a plan, those of the longest. @param {{plans: Object<string, number[]>}} lesson */
export const cardsOf = ({ plans }, plan) => plans[plan] ?? Object.values(plans).at(-1);

/** The lesson with the cards of one page alone, which keep their numbers. */
export const onPage = (lesson, page) => ({
  ...lesson,
  plans: Object.fromEntries(Object.entries(lesson.plans).map(([plan, cards]) => [plan, cards.filter((card) => lesson.cards[card].page === page)])),
});

/**
 * The card and the plan that an address names; null where it names no card.
 *
 * A card that is not in the plan gives way to the next one that is, or else to the plan's last.
 *
 * @param {string} search of the address.
 * @returns {{card: number, plan: string | null} | null}
 */
export function placeOf(search, lesson) {
  const parameters = new URLSearchParams(search);
  const named = parameters.get("lesson");
  if (named === null || !/^\d{1,3}$/.test(named)) return null;
  const plan = parameters.get("plan") in lesson.plans ? parameters.get("plan") : null;
  const cards = cardsOf(lesson, plan);
  return { card: cards.find((card) => card >= Number(named)) ?? cards.at(-1), plan };
}

/** The card so many steps further in the plan; undefined beyond its ends. */
export function step(lesson, { card, plan }, by) {
  const cards = cardsOf(lesson, plan);
  return cards[cards.indexOf(card) + by];
}
