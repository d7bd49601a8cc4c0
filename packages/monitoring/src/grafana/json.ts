/** The longest line in which an object is not broken into more lines. */
const WIDTH = 140

/**
 * Returns JSON with sorted keys, so that a new version of the library that only orders keys differently changes no file. Short objects are
 * on one line, so that the files stay small and a difference is easy to read.
 */
export function stableJson(value: unknown, indent = ''): string {
  const line = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || indent.length + line.length <= WIDTH) return oneLine(value)
  const deeper = `${indent}  `
  const entries = Array.isArray(value)
    ? value.map(item => stableJson(item, deeper))
    : entriesOf(value).map(([key, item]) => `${JSON.stringify(key)}: ${stableJson(item, deeper)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${entries.map(entry => deeper + entry).join(',\n')}\n${indent}${close}`
}

function oneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  const entries = entriesOf(value).map(([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`)
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}'
}

/** Returns the entries that have a value, by key. */
const entriesOf = (object: object) =>
  Object.entries(object)
    .filter(([, item]) => item !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
