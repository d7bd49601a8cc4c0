/** Those that ONLY asks for: whose name has its text, or one of several with | between; all where it is not set. */
export function only<T extends { name: string }>(all: T[]): T[] {
  const texts = (process.env.ONLY ?? '').split('|')
  return all.filter(({ name }) => texts.some(text => name.includes(text)))
}
