/**
 * Returns the items that ONLY chooses: those whose name contains its text, or one of several texts with | between them. Without ONLY,
 * returns all items. A text that is the whole name of an item chooses only that item.
 */
export function only<T extends { name: string }>(all: T[], asked = process.env.ONLY ?? ''): T[] {
  const texts = asked.split('|')
  const names = new Set(all.map(({ name }) => name))
  return all.filter(({ name }) => texts.some(text => text === name || (!names.has(text) && name.includes(text))))
}
