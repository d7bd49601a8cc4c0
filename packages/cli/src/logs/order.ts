import type { LogEntry } from './entry.ts'

/**
 * Merges logs by time, and keeps the order within each one. Reads one entry of each log ahead, so its memory does not grow with their
 * length.
 */
export async function* mergeByTime(logs: AsyncIterable<LogEntry>[]): AsyncGenerator<LogEntry> {
  const iterators = logs.map(log => log[Symbol.asyncIterator]())
  const heads = await Promise.all(iterators.map(next))
  for (;;) {
    let first = -1
    for (const [place, head] of heads.entries()) {
      if (head && (first < 0 || head.time < heads[first]!.time)) first = place
    }
    if (first < 0) return
    yield heads[first]!
    heads[first] = await next(iterators[first]!)
  }
}

async function next(iterator: AsyncIterator<LogEntry>): Promise<LogEntry | undefined> {
  const { done, value } = await iterator.next()
  return done ? undefined : value
}

/** Orders entries that arrive almost in order. */
export type Reordering = {
  add: (entry: LogEntry) => void
  /** Passes on, in order, the entries that were written at least `HELD_MS` before `now`. */
  pass: (now: number) => void
  /** Passes everything on. */
  end: () => void
}

/** How long an entry is held for earlier ones of other logs (ms), and the maximum number of entries that are held. */
const [HELD_MS, MOST_HELD] = [500, 10_000]

/** Holds entries for a moment, so that entries of other logs can come before them. Passes the earliest ones on if it holds too many. */
export function reorder(pass: (entry: LogEntry) => void): Reordering {
  let held: LogEntry[] = []
  const passUntil = (time: number) => {
    held.sort((one, other) => one.time - other.time)
    const count = held.findIndex(entry => entry.time > time)
    for (const entry of held.splice(0, count < 0 ? held.length : count)) pass(entry)
  }
  return {
    add(entry) {
      held.push(entry)
      if (held.length < MOST_HELD) return
      held.sort((one, other) => one.time - other.time)
      for (const early of held.splice(0, MOST_HELD / 2)) pass(early)
    },
    pass: now => passUntil(now - HELD_MS),
    end() {
      passUntil(Number.POSITIVE_INFINITY)
      held = []
    }
  }
}

/** Keeps the newest entries of logs that come one after another. */
export type Newest = {
  add: (entry: LogEntry) => void
  /** The kept entries in the order of time, and the number of earlier ones that were dropped. */
  sorted: () => { entries: LogEntry[]; dropped: number }
}

/** Makes a collection of at most `most` entries. */
export function keepNewest(most: number): Newest {
  let entries: LogEntry[] = []
  let dropped = 0
  const trim = () => {
    entries.sort((one, other) => one.time - other.time)
    const excess = Math.max(0, entries.length - most)
    dropped += excess
    entries = entries.slice(excess)
  }
  return {
    add(entry) {
      entries.push(entry)
      if (entries.length >= 2 * most) trim()
    },
    sorted() {
      trim()
      return { entries, dropped }
    }
  }
}
