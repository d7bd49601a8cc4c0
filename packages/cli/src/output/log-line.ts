export const WARNING = 40
export const ERROR = 50
/** The numbers of pino's levels, by name. */
export const LEVELS: Record<string, number> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }

/** The fields of an entry that a line shows. */
const FIELDS = ['method', 'path', 'status', 'requestId']

/**
 * Formats a line of a service's log for the console: `catalog | WARN The store is away (err: …)`. Undefined for empty lines, and for entries
 * below a warning unless `all` is set. Errors have their stack. Lines without JSON, such as the stack of a crash, are always shown.
 */
export function consoleLine(service: string, line: string, all: boolean): string | undefined {
  const entry = parseEntry(line)
  if (!entry) return line.trim() === '' ? undefined : `${service} | ${line}`
  const level = levelOf(entry)
  if (level < WARNING && !all) return undefined
  const name = Object.keys(LEVELS).find(key => LEVELS[key] === level) ?? String(entry.level)
  const error = entry.err as { message?: string; stack?: string } | undefined
  const details = [
    error?.message && withoutRepeats(error.message),
    ...FIELDS.filter(key => entry[key] !== undefined).map(key => `${key} ${entry[key]}`)
  ].filter(Boolean)
  const text = `${service} | ${name.toUpperCase()} ${entry.msg ?? ''}${details.length > 0 ? ` (${details.join(', ')})` : ''}`
  return level >= ERROR && error?.stack ? `${text}\n${error.stack}` : text
}

/** Returns the number of an entry's level, which may be a word; 0 for an unknown one. */
export const levelOf = ({ level }: Record<string, unknown>): number =>
  typeof level === 'string' ? (LEVELS[level] ?? 0) : Number(level ?? 0)

/** Removes repeated parts of a message that also includes the messages of its causes. */
export const withoutRepeats = (text: string) => [...new Set(text.split(': '))].join(': ')

/** Parses a line of JSON; undefined for other lines. */
export function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}
