/** The choice of columns in the dialog. Pure. */

/** All columns in the order of the list. */
export type ColumnChoice = readonly { name: string; isShown: boolean }[];

/** The chosen columns in their order, then the others. Without a choice all are shown. */
export function choiceOf(all: string[], chosen: string[] | undefined): ColumnChoice {
  const first = chosen ?? all;
  const others = all.filter((name) => !first.includes(name));
  return [...first.map((name) => ({ name, isShown: true })), ...others.map((name) => ({ name, isShown: false }))];
}

export const toggled = (choice: ColumnChoice, name: string): ColumnChoice =>
  choice.map((column) => (column.name === name ? { name, isShown: !column.isShown } : column));

/** One place up; the first stays. */
export function movedUp(choice: ColumnChoice, name: string): ColumnChoice {
  const place = choice.findIndex((column) => column.name === name);
  if (place < 1) return choice;
  return [...choice.slice(0, place - 1), ...choice.slice(place, place + 1), ...choice.slice(place - 1, place), ...choice.slice(place + 1)];
}

export const shownOf = (choice: ColumnChoice): string[] => choice.filter(({ isShown }) => isShown).map(({ name }) => name);
