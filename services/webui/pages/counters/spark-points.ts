/** `[0, 2]` in 80 by 20 -> `"0,19 80,1"`: the points of a line from 0 up to the largest value, with room for its stroke. Pure. */
export function sparkPoints(values: readonly number[], { width, height }: { width: number; height: number }): string {
  const most = Math.max(...values, 1);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  return values.map((value, index) => `${round(index * step)},${round(height - 1 - (value / most) * (height - 2))}`).join(" ");
}

const round = (value: number) => Math.round(value * 10) / 10;
