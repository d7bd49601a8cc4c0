/** An object or an array that is being read. */
type Level = {
  /** The keys that the object has so far; undefined for an array. */
  keys: Set<string> | undefined
  /** The key or the index of the value that is being read. */
  place: string | number
}

/**
 * Finds the first key that an object in a valid JSON text has twice. Returns its path as keys and indexes; undefined if there is none.
 * `JSON.parse` uses the last of the two values, and other parsers use the first (RFC 8259, section 4).
 */
export function duplicateKey(text: string): (string | number)[] | undefined {
  const levels: Level[] = []
  let isKey = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (character === '{') levels.push({ keys: new Set(), place: '' })
    else if (character === '[') levels.push({ keys: undefined, place: 0 })
    else if (character === '}' || character === ']') levels.pop()
    else if (character === ',') {
      const level = levels.at(-1)!
      if (typeof level.place === 'number') level.place++
    } else if (character === '"') {
      const end = endOfString(text, index)
      if (isKey && !add(levels.at(-1)!, text.slice(index, end + 1))) return levels.map(({ place }) => place)
      index = end
    }
    if (character === '{' || character === ',') isKey = levels.at(-1)!.keys !== undefined
    else if (character === '[' || character === '"') isKey = false
  }
  return undefined
}

/** Adds a key, given as JSON. Returns false if the object already has it. */
function add(level: Level, json: string) {
  const key: string = json.includes('\\') ? JSON.parse(json) : json.slice(1, -1)
  level.place = key
  if (level.keys!.has(key)) return false
  level.keys!.add(key)
  return true
}

/** Returns the index of the quotation mark that ends the string that begins at `start`. */
function endOfString(text: string, start: number) {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

/** Returns whether an odd number of backslashes stands before the character at `index`. */
function isEscaped(text: string, index: number) {
  let first = index
  while (text[first - 1] === '\\') first--
  return (index - first) % 2 === 1
}
