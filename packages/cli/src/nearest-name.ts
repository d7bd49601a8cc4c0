/** The name of a command that the first words most likely were meant for; undefined when none is near. */
export function nearestName(words: string[], names: string[]): string | undefined {
  const near = names
    .map(name => ({ name, edits: editsBetween(words.slice(0, name.split(' ').length).join(' '), name) }))
    .filter(({ name, edits }) => edits <= name.replace(/^--/, '').length / 2)
  return near.sort((one, other) => one.edits - other.edits)[0]?.name
}

/** How many letters must be added, removed or replaced to make one text the other (Levenshtein's distance). */
function editsBetween(one: string, other: string): number {
  let row = [...other, ''].map((_, length) => length)
  for (const [place, letter] of [...one].entries()) {
    const next = [place + 1]
    for (const [at, same] of [...other].entries()) {
      next.push(Math.min(row[at]! + Number(letter !== same), row[at + 1]! + 1, next[at]! + 1))
    }
    row = next
  }
  return row.at(-1)!
}
