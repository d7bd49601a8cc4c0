/** Finds the name that the user probably meant by the first words. Undefined if no name is similar. */
export function nearestName(words: string[], names: string[]): string | undefined {
  const near = names
    .map(name => ({ name, edits: editsBetween(words.slice(0, name.split(' ').length).join(' '), name) }))
    .filter(({ name, edits }) => edits <= name.replace(/^--/, '').length / 2)
  return near.sort((one, other) => one.edits - other.edits)[0]?.name
}

/** The number of letters to add, remove or replace to turn one text into the other (Levenshtein distance). */
function editsBetween(one: string, other: string): number {
  let row = [...other, ''].map((_, length) => length)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (const [column, otherLetter] of [...other].entries()) {
      next.push(Math.min(row[column]! + Number(letter !== otherLetter), row[column + 1]! + 1, next[column]! + 1))
    }
    row = next
  }
  return row.at(-1)!
}
