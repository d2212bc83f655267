/** How many of those expected were not found, and how many were found once too often; what else was found does not count. */
export function lostAndDoubled(expected: readonly string[], found: readonly string[]) {
  const wanted = new Set(expected);
  const counted = found.filter((id) => wanted.has(id));
  const distinct = new Set(counted).size;
  return { lost: wanted.size - distinct, doubled: counted.length - distinct };
}

/** How many come after one that was sent later; what was never sent does not count. */
export function outOfOrder(sent: readonly string[], found: readonly string[]): number {
  const places = new Map(sent.map((id, index) => [id, index]));
  let furthest = -1;
  return found
    .flatMap((id) => places.get(id) ?? [])
    .filter((place) => {
      const isLate = place < furthest;
      furthest = Math.max(furthest, place);
      return isLate;
    }).length;
}
