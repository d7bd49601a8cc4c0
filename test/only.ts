/**
 * Returns the items that the environment variable `ONLY` selects. `ONLY` has one text, or several separated by `|`. It selects each item
 * whose name contains one of the texts. Without `ONLY`, returns all items. A text that is the whole name of an item selects only that item.
 */
export function only<T extends { name: string }>(all: T[], asked = process.env.ONLY ?? ''): T[] {
  const texts = asked.split('|')
  const names = new Set(all.map(({ name }) => name))
  return all.filter(({ name }) => texts.some(text => text === name || (!names.has(text) && name.includes(text))))
}
