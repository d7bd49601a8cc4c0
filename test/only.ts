/**
 * Those that ONLY asks for: whose name has its text, or one of several with | between; all where it is not set. A text that is the whole name
 * of one means that one alone.
 */
export function only<T extends { name: string }>(all: T[], asked = process.env.ONLY ?? ''): T[] {
  const texts = asked.split('|')
  const names = new Set(all.map(({ name }) => name))
  return all.filter(({ name }) => texts.some(text => text === name || (!names.has(text) && name.includes(text))))
}
